/** The first page: which projects there are, what runs now, what needs a look. */

import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import type { Project, Run } from "../../api/types";
import { Sparkline } from "../../charts/Sparkline";
import { useLook } from "../../components/ChartTheme";
import { type Column, Grid } from "../../components/Grid";
import { StatusGlyph } from "../../components/StatusGlyph";
import { Empty, Failure, Progress } from "../../components/states";
import { formatBytes, formatDuration, formatMetric } from "../../data/format";
import { stateOf } from "../../data/state";
import { type Texts, useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { useLiveWant } from "../../state/live";
import { useProjects, useRecentRuns, useSelf } from "../../state/queries";
import { brokenMetrics, seriesBehind, stepRate, tellingMetrics } from "../../state/runTable";
import { useSeries } from "../../state/series";
import s from "./dashboard.module.css";

const EXAMPLE = `import tracklab

run = tracklab.init(project="my-project")
run.log({"loss": 0.5})`;

/** Trouble older than this has been seen, or never will be. */
const RECENT_S = 14 * 86_400;
const TROUBLE_SHOWN = 12;
const RECENT_SHOWN = 20;

export function Dashboard() {
  const t = useText();
  const projects = useProjects();
  const recent = useRecentRuns();
  const now = useNow();
  useEffect(() => {
    document.title = "TrackLab";
  }, []);
  const runs = recent.data?.runs ?? [];
  if (projects.error)
    return <Failure error={projects.error} retry={() => void projects.refetch()} />;
  if (projects.isLoading) return <Progress />;
  if (projects.data?.projects.length === 0) {
    return (
      <Empty title={t.dashboard.emptyTitle} code={EXAMPLE}>
        {t.dashboard.emptyHint}
      </Empty>
    );
  }
  return (
    <div className={s.page}>
      <section className={s.main} aria-label={t.dashboard.projects}>
        <h1 className={s.heading}>{t.dashboard.projects}</h1>
        <Projects projects={projects.data?.projects ?? []} now={now} />
        <h2 className={s.heading}>{t.dashboard.recent}</h2>
        <Recent runs={runs.slice(0, RECENT_SHOWN)} now={now} />
      </section>
      <div className={s.side}>
        <LiveNow runs={runs.filter(({ status }) => status === "running")} />
        <Attention runs={runs} now={now} />
      </div>
      <ServerLine />
    </div>
  );
}

const seconds = (text: string | null): number =>
  text === null ? Number.NaN : Date.parse(text) / 1000;

type ProjectsProps = {
  readonly projects: readonly Project[];
  readonly now: number;
};

function Projects({ projects, now }: ProjectsProps) {
  const t = useText();
  const navigate = useNavigate();
  const columns: readonly Column<Project>[] = [
    {
      id: "project",
      header: t.dashboard.project,
      width: 190,
      cell: ({ project }) => (
        <span className={s.project}>
          <Link to="/p/$project" params={{ project }}>
            {project}
          </Link>
        </span>
      ),
    },
    {
      id: "runs",
      header: t.dashboard.runs,
      width: 72,
      end: true,
      cell: ({ runs: count }) => formatMetric(count),
    },
    {
      id: "running",
      roomy: true,
      header: t.dashboard.running,
      width: 84,
      end: true,
      cell: ({ running }) =>
        running > 0 ? formatMetric(running) : <span className={s.muted}>0</span>,
    },
    {
      id: "activity",
      roomy: true,
      header: t.dashboard.activity,
      width: 116,
      cell: ({ last_activity: at }) => (at === null ? "" : t.ago(now - seconds(at))),
    },
    {
      id: "outcomes",
      header: t.dashboard.outcomes,
      width: 170,
      grow: true,
      cell: (project) => <Outcomes project={project} />,
    },
  ];
  return (
    <Grid
      auto
      label={t.dashboard.projects}
      columns={columns}
      rows={projects}
      rowId={({ project }) => project}
      onOpen={({ project }) => void navigate({ to: "/p/$project", params: { project } })}
    />
  );
}

const ORDER = ["running", "finished", "stale", "preempted", "killed", "crashed", "failed"] as const;

/** How the runs of a project ended, as one line whose parts are their shares. */
function Outcomes({ project }: { readonly project: Project }) {
  const t = useText();
  const parts = ORDER.map((status) => ({ status, count: project.statuses?.[status] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  const said = parts.map(({ status, count }) => `${count} ${t.states[status]}`).join(", ");
  return (
    <span className={s.outcomes} role="img" aria-label={said} title={said}>
      {parts.map(({ status, count }) => (
        <span key={status} data-status={status} style={{ flexGrow: count }} />
      ))}
    </span>
  );
}

function Recent({ runs, now }: { readonly runs: readonly Run[]; readonly now: number }) {
  const t = useText();
  const navigate = useNavigate();
  const open = (run: Run): void =>
    void navigate({
      to: "/p/$project/r/$run/$tab",
      params: { project: run.project, run: run.run_id, tab: "charts" },
    });
  const columns: readonly Column<Run>[] = [
    {
      id: "name",
      header: t.runs.name,
      width: 190,
      cell: (run) => (
        <span className={s.project}>
          <StatusGlyph status={stateOf(run)} />
          <Link
            to="/p/$project/r/$run/$tab"
            params={{ project: run.project, run: run.run_id, tab: "charts" }}
          >
            {run.name}
          </Link>
        </span>
      ),
    },
    {
      id: "project",
      roomy: true,
      header: t.dashboard.project,
      width: 110,
      cell: ({ project }) => <span className={s.muted}>{project}</span>,
    },
    {
      id: "spark",
      header: t.runs.columnNames.spark,
      width: 100,
      cell: (run) => <RunSpark run={run} width={80} />,
    },
    {
      id: "value",
      header: t.dashboard.best,
      width: 150,
      grow: true,
      cell: (run) => <Telling run={run} />,
    },
    {
      id: "duration",
      roomy: true,
      header: t.runs.columnNames.duration_s,
      width: 84,
      end: true,
      cell: ({ duration_s: took }) => (took === null ? "" : formatDuration(took)),
    },
    {
      id: "started",
      header: t.runs.columnNames.created_at,
      width: 106,
      end: true,
      cell: ({ created_at: at }) => t.ago(now - seconds(at)),
    },
  ];
  return (
    <Grid
      auto
      label={t.dashboard.recent}
      columns={columns}
      rows={runs}
      rowId={({ run }) => run}
      onOpen={open}
    />
  );
}

/** The number that people judge this run by, with its name. */
function Telling({ run }: { readonly run: Run }) {
  const [metric] = tellingMetrics([run], 1);
  const value = metric === undefined ? undefined : run.summary[metric];
  if (typeof value !== "number") return null;
  return (
    <span>
      {formatMetric(value)} <span className={s.muted}>{metric}</span>
    </span>
  );
}

function RunSpark({ run, width }: { readonly run: Run; readonly width: number }) {
  const { chart } = useLook();
  const metric = useMemo(() => tellingMetrics([run], 1).map(seriesBehind)[0] ?? "", [run]);
  const units = metric === "" ? [] : [{ run: run.run, key: metric }];
  const [loaded] = useSeries(units, {
    stream: "history",
    x: "step",
    range: null,
    px: 64,
    smooth: "",
  });
  useLiveWant(run.status === "running" && metric !== "" ? { runs: [run.run], keys: [metric] } : {});
  if (!loaded || loaded.columns.x.length === 0) return null;
  return <Sparkline columns={loaded.columns} colour={chart.ink} width={width} height={22} />;
}

function RunTitle({ run }: { readonly run: Run }) {
  return (
    <span className={s.title}>
      <Link
        to="/p/$project/r/$run/$tab"
        params={{ project: run.project, run: run.run_id, tab: "charts" }}
      >
        {run.name}
      </Link>
      <span>{run.project}</span>
    </span>
  );
}

function LiveNow({ runs }: { readonly runs: readonly Run[] }) {
  const t = useText().dashboard;
  return (
    <section aria-label={t.liveNow}>
      <h2 className={s.heading}>
        {t.liveNow} <small>{runs.length > 0 ? runs.length : ""}</small>
      </h2>
      {runs.length === 0 && <p className={s.quiet}>{t.quiet}</p>}
      <ul className={runs.length > 0 ? s.list : undefined}>
        {runs.map((run) => (
          <li key={run.run} className={s.item}>
            <StatusGlyph status={stateOf(run)} />
            <RunTitle run={run} />
            <span className={s.note}>{progress(run, t)}</span>
            <span className={s.value}>
              <RunSpark run={run} width={88} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function progress(run: Run, t: Texts["dashboard"]): string {
  const rate = stepRate(run);
  return [
    run.step === null ? null : t.step(formatMetric(run.step)),
    rate === null ? null : t.rate(String(Number(rate.toPrecision(3)))),
    run.duration_s === null ? null : formatDuration(run.duration_s),
  ]
    .filter((part) => part !== null)
    .join("  ·  ");
}

type Trouble = { readonly run: Run; readonly why: string };

function troubles(runs: readonly Run[], now: number, t: Texts["dashboard"]): readonly Trouble[] {
  const found: Trouble[] = [];
  for (const run of runs) {
    if (now - seconds(run.updated_at ?? run.created_at) > RECENT_S) continue;
    const why = whyOf(run, t);
    if (why !== null) found.push({ run, why });
    const broken = brokenMetrics(run);
    if (broken.length > 0) found.push({ run, why: t.why.nan(broken.slice(0, 3).join(", ")) });
  }
  return found;
}

/** Why somebody should look at how this run fares; null if all is well. */
function whyOf(run: Run, t: Texts["dashboard"]): string | null {
  const state = stateOf(run);
  if (state === "running" || state === "finished") return null;
  if (state !== "failed") return t.why[state];
  return t.why.failed(run.exit_code === null ? t.error : t.exit(run.exit_code));
}

function Attention({ runs, now }: { readonly runs: readonly Run[]; readonly now: number }) {
  const t = useText();
  const found = troubles(runs, now, t.dashboard);
  return (
    <section aria-label={t.dashboard.attention}>
      <h2 className={s.heading}>
        {t.dashboard.attention} <small>{found.length > 0 ? found.length : ""}</small>
      </h2>
      {found.length === 0 && <p className={s.quiet}>{t.dashboard.fine}</p>}
      <ul className={found.length > 0 ? s.list : undefined}>
        {found.slice(0, TROUBLE_SHOWN).map(({ run, why }) => (
          <li key={`${run.run} ${why}`} className={s.item}>
            <StatusGlyph status={stateOf(run)} />
            <RunTitle run={run} />
            <span className={s.note}>{why}</span>
            <span className={s.value}>
              <span className={s.muted}>
                {t.ago(now - seconds(run.updated_at ?? run.created_at))}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ServerLine() {
  const t = useText().dashboard;
  const { data } = useSelf();
  return (
    <footer className={s.foot}>
      {data && (
        <>
          <span>{t.server(data.version, data.root)}</span>
          <span>{t.memory(formatBytes(data.rss_bytes))}</span>
          <span>{t.up(formatDuration(Math.round(data.uptime_s)))}</span>
          <span>{t.clients(data.clients)}</span>
        </>
      )}
    </footer>
  );
}
