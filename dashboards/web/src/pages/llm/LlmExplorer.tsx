/** LLM calls: a few numbers, latency over time, who is slow, and every single call. */

import { useMemo, useState } from "react";
import type { LlmCall, LlmGroup, LlmNumbers, LlmStats } from "../../api/types";
import { clockTick } from "../../charts/axes";
import { Heatmap } from "../../charts/Heatmap";
import { useLook } from "../../components/ChartTheme";
import { SearchField, Segments } from "../../components/controls";
import { type Column, Grid } from "../../components/Grid";
import { type Stat, StatStrip } from "../../components/KeyValues";
import { Empty, Failure, Progress } from "../../components/states";
import { formatCount, formatDollars, formatDuration, formatRatio } from "../../data/format";
import { formatMoment } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { type LlmFilter, type LlmScope, useLlmCalls, useLlmStats } from "../../state/queries";
import { LLM, useView } from "../../state/views";
import { CallDrawer } from "./CallDrawer";
import s from "./llm.module.css";

const EXAMPLE = `with tracklab.llm_call(model="my-model", provider="local") as call:
    answer = client.chat(...)
    call.tokens(prompt=120, completion=30)`;

export function LlmExplorer({ scope }: { readonly scope: LlmScope }) {
  const t = useText();
  const [view, change] = useView(LLM);
  const model = view.model === "" ? {} : { model: view.model };
  const stats = useLlmStats(scope, view.group, model);
  if (stats.error) return <Failure error={stats.error} retry={() => void stats.refetch()} />;
  if (!stats.data) return <Progress />;
  if (stats.data.total.count === 0 && view.model === "") {
    return (
      <Empty title={t.llm.empty} code={EXAMPLE}>
        {t.llm.emptyHint}
      </Empty>
    );
  }
  const filter: LlmFilter = {
    ...model,
    ...(view.outcome === "all" ? {} : { success: view.outcome === "ok" }),
    ...(view.find === "" ? {} : { search: view.find }),
  };
  return (
    <div className={s.page}>
      <div className={s.top}>
        <StatStrip stats={strip(stats.data.total, t.llm)} />
        {stats.data.cost_note && <p className={s.costNote}>{stats.data.cost_note}</p>}
        <div className={s.middle}>
          <Latency stats={stats.data} />
          <div className={s.groups}>
            <Groups
              groups={stats.data.groups}
              onPick={(group) =>
                view.group === "model" && change({ model: view.model === group ? "" : group })
              }
              active={view.model}
            />
          </div>
        </div>
        <div className={s.toolbar}>
          <Segments
            label={t.llm.group}
            value={view.group}
            options={[
              ["model", t.llm.groups.model],
              ["provider", t.llm.groups.provider],
              ["operation", t.llm.groups.operation],
            ]}
            onChange={(group) => change({ group })}
          />
          <Segments
            label={t.llm.outcome}
            value={view.outcome}
            options={[
              ["all", t.llm.outcomes.all],
              ["ok", t.llm.outcomes.ok],
              ["failed", t.llm.outcomes.failed],
            ]}
            onChange={(outcome) => change({ outcome })}
          />
          <SearchField
            className={s.find}
            label={t.llm.find}
            value={view.find}
            clear={t.clear}
            onChange={(find) => change({ find })}
          />
        </div>
      </div>
      <Calls scope={scope} filter={filter} withCost={stats.data.total.cost !== null} />
    </div>
  );
}

const time = (seconds: number | null): string => (seconds === null ? "–" : formatDuration(seconds));

function strip(total: LlmNumbers, t: Texts["llm"]): readonly Stat[] {
  return [
    { name: t.calls, value: formatCount(total.count) },
    {
      name: t.errors,
      value: formatRatio(total.error_rate),
      note: formatCount(total.errors),
      ...(total.errors > 0 ? { tone: "failed" as const } : {}),
    },
    { name: "p50", value: time(total.p50) },
    { name: "p95", value: time(total.p95) },
    { name: "p99", value: time(total.p99) },
    { name: t.firstToken, value: time(total.ttft_p50) },
    { name: t.tokensIn, value: formatCount(total.prompt_tokens) },
    { name: t.tokensOut, value: formatCount(total.completion_tokens) },
    {
      name: t.speed,
      value:
        total.tokens_per_second === null ? "–" : formatCount(Math.round(total.tokens_per_second)),
    },
    ...(total.cost === null ? [] : [cost(total.cost, total.unpriced, t)]),
  ];
}

function cost(usd: number, unpriced: number, t: Texts["llm"]): Stat {
  const note = unpriced === 0 ? {} : { note: t.unpriced(unpriced) };
  return { name: t.cost, value: formatDollars(usd), ...note };
}

const dollars = (usd: number | null): string => (usd === null ? "–" : formatDollars(usd));

const HEAT_HEIGHT = 150;

function Latency({ stats }: { readonly stats: LlmStats }) {
  const t = useText().llm;
  const { ground } = useLook();
  const { t: edges, latency, counts } = stats.heat;
  const peak = useMemo(() => Math.max(1, ...counts.flat()), [counts]);
  const rows = Math.max(latency.length - 1, 0);
  const [from, to] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const span = to - from;
  const xLabels = [0, 0.25, 0.5, 0.75, 1].map((at) => ({
    at,
    text: clockTick(from + at * span, span > 2 * 86_400 ? 86_400 : span > 600 ? 60 : 1),
  }));
  return (
    <section className={s.heat} aria-label={t.latency}>
      <h2>{t.latency}</h2>
      <Heatmap
        values={counts}
        rows={rows}
        peak={peak}
        height={HEAT_HEIGHT}
        xLabels={xLabels}
        yLabels={decades(latency)}
        label={t.heatLabel(stats.total.count)}
        dark={ground === "dark"}
      />
    </section>
  );
}

/** Labels at round times inside the log-spaced edges. */
function decades(
  edges: readonly number[],
): readonly { readonly at: number; readonly text: string }[] {
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  if (!(low > 0 && high > low)) return [];
  const place = (value: number): number => Math.log(value / low) / Math.log(high / low);
  return [0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]
    .filter((value) => value >= low && value <= high)
    .map((value) => ({ at: place(value), text: formatDuration(value) }));
}

type GroupsProps = {
  readonly groups: readonly LlmGroup[];
  readonly active: string;
  readonly onPick: (group: string) => void;
};

function Groups({ groups, active, onPick }: GroupsProps) {
  const t = useText().llm;
  const columns: readonly Column<LlmGroup>[] = [
    { id: "group", header: t.model, width: 110, grow: true, cell: ({ group }) => group },
    { id: "count", header: t.calls, width: 62, end: true, cell: ({ count }) => formatCount(count) },
    {
      id: "errors",
      header: t.errorRate,
      width: 58,
      end: true,
      cell: ({ error_rate: rate }) => (
        <span className={rate > 0.02 ? s.failed : s.muted}>{formatRatio(rate)}</span>
      ),
    },
    { id: "p50", header: "p50", width: 66, end: true, cell: ({ p50 }) => time(p50) },
    { id: "p95", header: "p95", width: 66, end: true, cell: ({ p95 }) => time(p95) },
  ];
  const priced: readonly Column<LlmGroup>[] = groups.some(({ cost: usd }) => usd !== null)
    ? [
        ...columns,
        { id: "cost", header: t.cost, width: 72, end: true, cell: ({ cost: usd }) => dollars(usd) },
      ]
    : columns;
  return (
    <Grid
      auto
      label={t.group}
      columns={priced}
      rows={groups}
      rowId={({ group }) => group}
      selected={new Set([active])}
      onOpen={({ group }) => onPick(group)}
    />
  );
}

function callColumns(
  t: Texts["llm"],
  withRun: boolean,
  withCost: boolean,
): readonly Column<LlmCall>[] {
  const price: Column<LlmCall> = {
    id: "cost",
    header: t.cost,
    width: 96,
    end: true,
    cell: ({ cost: usd }) => dollars(usd),
  };
  const run: Column<LlmCall> = {
    id: "run",
    header: t.run,
    width: 110,
    cell: ({ run: address }) => address.slice(address.lastIndexOf("/") + 1),
    mono: true,
  };
  const tokens = (count: number | null): string => (count === null ? "–" : formatCount(count));
  return [
    {
      id: "time",
      header: t.time,
      width: 142,
      mono: true,
      cell: ({ timestamp }) => formatMoment(timestamp),
    },
    ...(withRun ? [run] : []),
    { id: "model", header: t.model, width: 190, cell: ({ model }) => model },
    { id: "operation", header: t.operation, width: 92, cell: ({ operation }) => operation },
    {
      id: "tokens",
      header: t.tokens,
      width: 108,
      end: true,
      cell: ({ prompt_tokens: input, completion_tokens: output }) =>
        `${tokens(input)} / ${tokens(output)}`,
    },
    { id: "first", header: t.first, width: 72, end: true, cell: ({ ttft }) => time(ttft) },
    {
      id: "duration",
      header: t.duration,
      width: 72,
      end: true,
      cell: ({ response_time: duration }) => time(duration),
    },
    ...(withCost ? [price] : []),
    {
      id: "status",
      header: t.status,
      width: 150,
      grow: true,
      cell: ({ success, error_type: type, error }) =>
        success ? (
          <span className={s.ok}>{t.ok}</span>
        ) : (
          <span className={s.failed}>{type ?? error ?? t.outcomes.failed}</span>
        ),
    },
  ];
}

type CallsProps = {
  readonly scope: LlmScope;
  readonly filter: LlmFilter;
  readonly withCost: boolean;
};

function Calls({ scope, filter, withCost }: CallsProps) {
  const t = useText();
  const calls = useLlmCalls(scope, filter);
  const [open, setOpen] = useState<LlmCall | null>(null);
  const rows = useMemo(() => calls.data?.pages.flatMap((page) => page.calls) ?? [], [calls.data]);
  const columns = useMemo(
    () => callColumns(t.llm, scope.run === undefined, withCost),
    [t, scope.run, withCost],
  );
  const more = (): void => {
    if (calls.hasNextPage && !calls.isFetchingNextPage) void calls.fetchNextPage();
  };
  return (
    <div className={s.calls}>
      <Grid
        label={t.llm.label}
        columns={columns}
        rows={rows}
        rowId={(call) => `${call.run}:${call.seq}:${call.timestamp}`}
        onOpen={setOpen}
        onEnd={more}
      />
      {open && <CallDrawer call={open} onClose={() => setOpen(null)} />}
    </div>
  );
}
