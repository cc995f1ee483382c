/** How a Vega-Lite spec looks here: our ground, our ink, our lines. */

import type { TableData } from "./table";

export type Spec = { readonly [name: string]: unknown };

/** Colours by what they are for; `charts/theme.ts` reads them from the page. */
export type VegaColours = {
  readonly ground: string;
  readonly ink: string;
  readonly inkSecond: string;
  readonly inkThird: string;
  readonly gridLine: string;
  readonly ruleStrong: string;
  readonly lines: readonly string[];
};

const FONT = "Inter Variable, system-ui, sans-serif";

export function vegaConfig(colours: VegaColours): Spec {
  const [first = colours.ink] = colours.lines;
  return {
    background: colours.ground,
    font: FONT,
    view: { stroke: null },
    axis: {
      labelColor: colours.inkThird,
      labelFontSize: 11,
      titleColor: colours.inkSecond,
      titleFontSize: 11.5,
      titleFontWeight: "normal",
      titlePadding: 8,
      gridColor: colours.gridLine,
      domainColor: colours.ruleStrong,
      ticks: false,
      labelPadding: 6,
    },
    legend: {
      orient: "top",
      labelColor: colours.inkSecond,
      labelFontSize: 11.5,
      titleColor: colours.inkThird,
      titleFontSize: 11,
      titleFontWeight: "normal",
      symbolSize: 60,
      offset: 6,
    },
    title: { color: colours.ink, fontSize: 12.5, fontWeight: 500, anchor: "start", offset: 8 },
    // From the ground to a line's colour: ink can be read on all of it, and more is further away.
    range: {
      category: colours.lines,
      ramp: [colours.gridLine, first],
      heatmap: [colours.gridLine, first],
    },
    mark: { color: first },
    text: { color: colours.ink, fontSize: 11.5 },
    line: { strokeWidth: 1.5 },
  };
}

/** A spec with the rows it draws and a size in pixels; addresses of data are left out. */
export function filledSpec(
  spec: Spec,
  table: TableData,
  size: { readonly width: number; readonly height: number },
): Spec {
  const values = table.rows.map((row) =>
    Object.fromEntries(table.columns.map((name, index) => [name, row[index]])),
  );
  return {
    ...spec,
    data: { name: "table", values },
    ...size,
    autosize: { type: "fit", contains: "padding", resize: true },
  };
}
