/** What checkpoints cost: seconds, bytes, failures, and the share of the run they took. */

import { useMemo, useState } from "react";
import type { Checkpoint, CheckpointAdvice, CheckpointPage } from "../../api/types";
import type { Line } from "../../charts/drawLines";
import type { PlotModel } from "../../charts/model";
import { useLook } from "../../components/ChartTheme";
import { type Column, Grid } from "../../components/Grid";
import { type Stat, StatStrip } from "../../components/KeyValues";
import { Dialog } from "../../components/Overlay";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Progress } from "../../components/states";
import type { Columns, Range } from "../../data/columns";
import { formatBytes, formatDuration, formatMetric, formatRatio } from "../../data/format";
import { LINES, lineStyle } from "../../data/palette";
import { formatMoment } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { type LlmScope, useCheckpoints } from "../../state/queries";
import s from "./checkpoints.module.css";

const EXAMPLE = `with tracklab.checkpoint("model.pt", step=step) as saved:
    torch.save(model.state_dict(), saved.path)`;

export function CheckpointSheet({ scope }: { readonly scope: LlmScope }) {
  const t = useText();
  const query = useCheckpoints(scope);
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Progress />;
  if (query.data.checkpoints.length === 0) {
    return (
      <Empty title={t.checkpoints.empty} code={EXAMPLE}>
        {t.checkpoints.emptyHint}
      </Empty>
    );
  }
  return (
    <div className={s.page}>
      <StatStrip stats={strip(query.data, t.checkpoints)} />
      {query.data.advice && <Advice advice={query.data.advice} />}
      <Charts checkpoints={query.data.checkpoints} />
      <Table checkpoints={query.data.checkpoints} withRun={scope.run === undefined} />
    </div>
  );
}

function strip({ stats, advice }: CheckpointPage, t: Texts["checkpoints"]): readonly Stat[] {
  const { count, failures, median_s: median, gb_per_s: rate, bytes } = stats;
  const { blocked_s: blocked, blocked_share: share } = stats;
  return [
    { name: t.count, value: formatMetric(count) },
    {
      name: t.failures,
      value: formatMetric(failures),
      ...(failures > 0 ? { tone: "failed" as const } : {}),
    },
    {
      name: t.median,
      value: median === null ? "–" : formatDuration(median),
      ...(rate === null ? {} : { note: `${Number(rate.toPrecision(3))} GB/s` }),
    },
    {
      name: t.blocked,
      value: formatDuration(blocked),
      ...(share === null ? {} : { note: `${formatRatio(share)} ${t.share}` }),
    },
    { name: t.bytes, value: formatBytes(bytes) },
    ...(advice?.interval_s ? [interval(advice.interval_s, advice.current_interval_s, t)] : []),
  ];
}

function interval(best: number, now: number | null, t: Texts["checkpoints"]): Stat {
  const note = now === null ? {} : { note: t.intervalNow(formatDuration(now)) };
  return { name: t.interval, value: formatDuration(best), ...note };
}

/** What the interval rests on; without a failure rate, how to give one. */
function Advice({ advice }: { readonly advice: CheckpointAdvice }) {
  const t = useText().checkpoints;
  const { overhead, current_overhead: now, mtbf_s: mtbf, interruptions: seen } = advice;
  const ratio = (share: number | null): string => (share === null ? "–" : formatRatio(share));
  return (
    <p className={s.advice}>
      {mtbf === null ? t.noRate : t.advice(ratio(overhead), ratio(now), formatDuration(mtbf))}{" "}
      <span className={s.muted}>
        {seen && `${t.interruptions(seen.count, formatDuration(seen.lasted_s), seen.runs)} `}
        {t.source}
      </span>
    </p>
  );
}

function toColumns(
  saves: readonly Checkpoint[],
  pick: (one: Checkpoint) => number | null,
): Columns {
  const points = saves.flatMap((one) => {
    const y = pick(one);
    return one.step === null || y === null ? [] : [[one.step, y] as const];
  });
  points.sort((a, b) => a[0] - b[0]);
  const last = Float64Array.from(points, ([, y]) => y);
  return {
    x: Float64Array.from(points, ([x]) => x),
    last,
    lo: last,
    hi: last,
    exact: true,
    nonfinite: [],
  };
}

function Charts({ checkpoints }: { readonly checkpoints: readonly Checkpoint[] }) {
  const t = useText();
  const saves = useMemo(
    () => checkpoints.filter(({ operation }) => operation === "save"),
    [checkpoints],
  );
  return (
    <div className={s.charts}>
      <div className={s.chart}>
        <CheckpointChart
          name={t.checkpoints.chartDuration}
          saves={saves}
          pick={({ duration }) => duration}
          format={formatDuration}
        />
      </div>
      <div className={s.chart}>
        <CheckpointChart
          name={t.checkpoints.chartSize}
          saves={saves}
          pick={({ size }) => size}
          format={formatBytes}
        />
      </div>
    </div>
  );
}

type ChartProps = {
  readonly name: string;
  readonly saves: readonly Checkpoint[];
  readonly pick: (one: Checkpoint) => number | null;
  readonly format: (value: number) => string;
};

function CheckpointChart({ name, saves, pick, format }: ChartProps) {
  const t = useText();
  const { chart, palette, ground } = useLook();
  const [zoom, setZoom] = useState<Range | null>(null);
  const [logY, setLogY] = useState(false);
  const [focus, setFocus] = useState<string | null>(null);
  const [expanded, setExpanded] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `pick` follows from the name of the chart
  const lines = useMemo<readonly Line[]>(() => {
    const runs = [...new Set(saves.map(({ run }) => run))];
    const slots = LINES[palette][ground].length * 4;
    return runs.map((run, index) => ({
      id: run,
      label: run.slice(run.lastIndexOf("/") + 1),
      ...lineStyle(index % slots, palette, ground),
      columns: toColumns(
        saves.filter((one) => one.run === run),
        pick,
      ),
    }));
  }, [saves, palette, ground, name]);
  const model = useMemo<PlotModel>(
    () => ({
      lines,
      xKind: "number",
      xRange: zoom,
      yRange: null,
      logX: false,
      logY,
      clip: false,
      focus,
      formatY: format,
    }),
    [lines, zoom, logY, focus, format],
  );
  const panel = (
    <Panel
      name={name}
      title={name}
      model={model}
      theme={chart}
      axis="step"
      xName={t.board.xNames.step}
      loading={false}
      error={null}
      onZoom={setZoom}
      onFocus={setFocus}
      onLog={() => setLogY(!logY)}
      expanded={expanded}
      onExpand={() => setExpanded(!expanded)}
    />
  );
  if (!expanded) return panel;
  return (
    <Dialog label={name} shape="wide" onClose={() => setExpanded(false)}>
      {panel}
    </Dialog>
  );
}

function Table({
  checkpoints,
  withRun,
}: {
  readonly checkpoints: readonly Checkpoint[];
  readonly withRun: boolean;
}) {
  const t = useText();
  const { checkpoints: c } = t;
  const run: Column<Checkpoint> = {
    id: "run",
    header: c.run,
    width: 120,
    mono: true,
    cell: (one) => one.run.slice(one.run.lastIndexOf("/") + 1),
  };
  const columns: readonly Column<Checkpoint>[] = [
    {
      id: "step",
      header: c.step,
      width: 84,
      end: true,
      cell: ({ step }) => (step === null ? "–" : formatMetric(step)),
    },
    ...(withRun ? [run] : []),
    {
      id: "time",
      header: c.time,
      width: 142,
      mono: true,
      cell: ({ timestamp }) => formatMoment(timestamp),
    },
    {
      id: "operation",
      header: c.operation,
      width: 84,
      cell: ({ operation }) =>
        ({ save: c.save, load: c.load, list: c.list })[operation] ?? operation,
    },
    {
      id: "size",
      header: c.size,
      width: 92,
      end: true,
      cell: ({ size }) => (size === null ? "–" : formatBytes(size)),
    },
    {
      id: "duration",
      header: c.duration,
      width: 84,
      end: true,
      cell: ({ duration }) => (duration === null ? "–" : formatDuration(duration)),
    },
    {
      id: "blocked",
      header: c.waited,
      width: 84,
      end: true,
      cell: ({ blocked }) => (blocked === null ? "–" : formatDuration(blocked)),
    },
    {
      id: "rate",
      header: `${c.rate}, MB/s`,
      width: 96,
      end: true,
      cell: ({ mb_per_s: rate }) =>
        rate === null ? "–" : formatMetric(Number(rate.toPrecision(4))),
    },
    {
      id: "result",
      header: c.result,
      width: 130,
      cell: ({ success, error_type: type, kept, removed_at: removed }) =>
        success ? (
          <span className={s.muted} title={kept ?? formatMoment(removed)}>
            {removed !== null ? c.removed : kept !== null ? c.kept : c.ok}
          </span>
        ) : (
          <span className={s.failed}>{type ?? c.failures}</span>
        ),
    },
    {
      id: "path",
      header: c.path,
      width: 180,
      grow: true,
      mono: true,
      cell: ({ path }) => path ?? "",
    },
  ];
  const newest = useMemo(() => [...checkpoints].reverse(), [checkpoints]);
  return (
    <Grid
      auto
      label={c.label}
      columns={columns}
      rows={newest.slice(0, 500)}
      rowId={(one) => `${one.run}:${one.timestamp}:${one.operation}:${one.step}`}
    />
  );
}
