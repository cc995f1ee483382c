/** A chart of the Vega-Lite kind: the library comes when the first one is on the screen. */

import { useEffect, useMemo, useRef, useState } from "react";
import { LINES, type PaletteName } from "../data/palette";
import type { TableData } from "../data/table";
import { filledSpec, type Spec, vegaConfig } from "../data/vega";
import s from "./charts.module.css";
import type { ChartTheme } from "./theme";
import type { Pointed } from "./vegaView";
import { useWidth } from "./width";

export type VegaChartProps = {
  readonly spec: Spec;
  readonly table: TableData;
  readonly height: number;
  readonly theme: ChartTheme;
  readonly palette: PaletteName;
  readonly ground: "light" | "dark";
  readonly label: string;
  readonly onFailure: (error: unknown) => void;
};

export function VegaChart(props: VegaChartProps) {
  const { spec, table, height, theme, palette, ground, label, onFailure } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const failed = useRef(onFailure);
  failed.current = onFailure;
  const config = useMemo(
    () => vegaConfig({ ...theme, lines: LINES[palette][ground] }),
    [theme, palette, ground],
  );
  useEffect(() => {
    const place = plot.current;
    if (!place || width === 0) return;
    let remove: (() => void) | null = null;
    let gone = false;
    import("./vegaView")
      .then(({ drawVega }) =>
        drawVega(place, filledSpec(spec, table, { width, height }), config, setPointed),
      )
      .then((undo) => {
        remove = undo;
        if (gone) undo();
      })
      .catch((error: unknown) => !gone && failed.current(error));
    return () => {
      gone = true;
      remove?.();
      setPointed(null);
    };
  }, [spec, table, width, height, config]);
  return (
    <div ref={host} className={s.vega} role="img" aria-label={label} style={{ height }}>
      <div ref={plot} />
      {pointed && (
        <dl
          className={s.vegaTip}
          style={{
            top: pointed.y,
            [pointed.x > width / 2 ? "right" : "left"]: tipAt(pointed, width),
          }}
        >
          {pointed.facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

const tipAt = ({ x }: Pointed, width: number): number => (x > width / 2 ? width - x : x) + 12;
