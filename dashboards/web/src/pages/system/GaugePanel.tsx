/** One chart of the machine, from columns that are already there. */

import { useMemo, useState } from "react";
import type { XKind } from "../../charts/axes";
import type { PlotModel } from "../../charts/model";
import { useLook } from "../../components/ChartTheme";
import { Dialog } from "../../components/Overlay";
import { Panel } from "../../components/Panel";
import { type Columns, EMPTY, type Range } from "../../data/columns";
import { lineStyle } from "../../data/palette";
import { toRate } from "../../data/rate";
import { formatUnit, type Gauge, type Unit } from "./gauges";

export type GaugePanelProps = {
  readonly gauge: Gauge;
  /** In the order of the gauge's lines. */
  readonly columns: readonly (Columns | undefined)[];
  readonly axis: "time" | "relative";
  readonly xName: string;
  readonly zoom: Range | null;
  readonly loading: boolean;
  readonly coverage?: number;
  readonly onZoom: (range: Range | null) => void;
};

const FULL: Range = [0, 100];
const COUNTERS: ReadonlySet<Unit> = new Set<Unit>(["rate", "each"]);
const KINDS: Record<GaugePanelProps["axis"], XKind> = { time: "time", relative: "duration" };

export function GaugePanel(props: GaugePanelProps) {
  const { gauge, columns, axis, xName, zoom, loading, coverage = 1, onZoom } = props;
  const { chart, palette, ground } = useLook();
  const [focus, setFocus] = useState<string | null>(null);
  const [logY, setLogY] = useState(false);
  const [expanded, setExpanded] = useState(false);
  const lines = useMemo(
    () =>
      gauge.lines.map(({ key, label }, index) => {
        const found = columns[index] ?? EMPTY;
        return {
          id: key,
          label,
          ...lineStyle(index, palette, ground),
          columns: COUNTERS.has(gauge.unit) ? toRate(found) : found,
        };
      }),
    [gauge, columns, palette, ground],
  );
  // The load of a process counts per core and may pass 100 %: only true shares get a fixed axis.
  const share = gauge.unit === "percent" && gauge.group !== "process";
  const formatY = useMemo(() => formatUnit(gauge.unit), [gauge.unit]);
  const model = useMemo<PlotModel>(
    () => ({
      lines,
      xKind: KINDS[axis],
      xRange: zoom,
      yRange: share && !logY ? FULL : null,
      logX: false,
      logY,
      clip: false,
      focus,
      ...(formatY ? { formatY } : {}),
    }),
    [lines, axis, zoom, share, logY, focus, formatY],
  );
  const panel = (
    <Panel
      name={gauge.id}
      title={gauge.title}
      model={model}
      theme={chart}
      axis={axis}
      xName={xName}
      loading={loading}
      error={null}
      coverage={coverage}
      legend={expanded}
      expanded={expanded}
      onZoom={onZoom}
      onFocus={setFocus}
      onLog={() => setLogY(!logY)}
      onExpand={() => setExpanded(!expanded)}
    />
  );
  if (!expanded) return panel;
  return (
    <Dialog label={gauge.title} shape="wide" onClose={() => setExpanded(false)}>
      {panel}
    </Dialog>
  );
}
