/** One metric of the shown runs: asks for its lines, keeps them live, hands them to a panel. */

import { useMemo, useRef } from "react";
import type { XKind } from "../../charts/axes";
import type { Line } from "../../charts/drawLines";
import type { PlotModel } from "../../charts/model";
import { useLook } from "../../components/ChartTheme";
import { Panel } from "../../components/Panel";
import { shortName } from "../../data/sections";
import { useText } from "../../locales/useText";
import { useHover } from "../../state/hover";
import { useLiveWant } from "../../state/live";
import { stepWidth, useSeries } from "../../state/series";
import type { Loaded, Unit } from "../../state/seriesStore";
import { type BoardView, type Change, toggled } from "../../state/views";

export type DrawnRun = {
  readonly run: string;
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly live: boolean;
};

export type ChartCellProps = {
  readonly metric: string;
  readonly runs: readonly DrawnRun[];
  readonly view: BoardView;
  readonly change: Change<BoardView>;
  readonly expanded?: boolean;
};

const X_KINDS: Record<BoardView["x"], XKind> = {
  step: "number",
  time: "time",
  relative: "duration",
};
/** A panel of a board is about so wide; only the full screen asks for more. */
const CELL_PIXELS = 512;
const NO_UNITS: readonly Unit[] = [];

function toLines(
  runs: readonly DrawnRun[],
  loaded: readonly Loaded[],
  raw: readonly Loaded[],
): readonly Line[] {
  return runs.flatMap((run, index) => {
    const columns = loaded[index]?.columns;
    const under = raw[index]?.columns;
    if (!columns) return [];
    return [
      {
        id: run.run,
        label: run.name,
        colour: run.colour,
        dash: run.dash,
        columns,
        ...(under ? { raw: under } : {}),
      },
    ];
  });
}

/** While a zoom is being fetched the last picture stands, drawn at the new range. */
function useSettled(lines: readonly Line[], settled: boolean): readonly Line[] {
  const last = useRef<readonly Line[]>(lines);
  if (settled || last.current.length === 0) last.current = lines;
  return last.current;
}

export function ChartCell({ metric, runs, view, change, expanded = false }: ChartCellProps) {
  const t = useText();
  const look = useLook();
  const focus = useHover((state) => state.run);
  const setFocus = useHover((state) => state.set);
  const units = useMemo(() => runs.map(({ run }) => ({ run, key: metric })), [runs, metric]);
  const params = {
    stream: "history",
    x: view.x,
    range: view.zoom,
    px: expanded ? stepWidth(innerWidth) : CELL_PIXELS,
    smooth: view.smooth,
  } as const;
  const loaded = useSeries(units, params);
  const raw = useSeries(view.smooth === "" ? NO_UNITS : units, { ...params, smooth: "" });
  const living = runs.filter(({ live }) => live).map(({ run }) => run);
  useLiveWant(living.length > 0 ? { runs: living, keys: [metric] } : {});

  const loading = loaded.some(({ state }) => state === "loading");
  const lines = useSettled(
    useMemo(() => toLines(runs, loaded, raw), [runs, loaded, raw]),
    !loading,
  );
  const logY = view.ylog !== view.flip.includes(metric);
  const model = useMemo<PlotModel>(
    () => ({
      lines,
      xKind: X_KINDS[view.x],
      xRange: view.zoom,
      yRange: null,
      logX: view.xlog && view.x !== "time",
      logY,
      clip: view.clip,
      focus,
    }),
    [lines, view.x, view.zoom, view.xlog, logY, view.clip, focus],
  );
  return (
    <Panel
      name={metric}
      title={expanded ? metric : shortName(metric)}
      model={model}
      theme={look.chart}
      axis={view.x}
      xName={t.board.xNames[view.x]}
      loading={loading}
      error={loaded.find(({ error }) => error !== null)?.error ?? null}
      coverage={Math.min(1, ...loaded.map(({ coverage }) => coverage))}
      legend={expanded}
      expanded={expanded}
      onZoom={(zoom) => change({ zoom }, "push")}
      onFocus={setFocus}
      onLog={() => change({ flip: toggled(view.flip, metric) })}
      onExpand={() => change({ full: expanded ? "" : metric }, "push")}
    />
  );
}
