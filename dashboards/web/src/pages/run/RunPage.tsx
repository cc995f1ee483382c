/** One run: who it is, its life on one line, and its tabs. */

import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import type { RunDetail } from "../../api/types";
import { Failure, Progress } from "../../components/states";
import bar from "../../components/TopBar.module.css";
import { formatCount } from "../../data/format";
import { useText } from "../../locales/useText";
import { useLiveWant } from "../../state/live";
import { useRun } from "../../state/queries";
import { RunHead } from "./RunHead";
import { RunRibbon } from "./RunRibbon";
import s from "./run.module.css";

const TABS = {
  overview: lazy(() => import("./Overview").then(({ Overview }) => ({ default: Overview }))),
  charts: lazy(() => import("./RunCharts").then(({ RunCharts }) => ({ default: RunCharts }))),
  media: lazy(() => import("./media/Media").then(({ Media }) => ({ default: Media }))),
  system: lazy(() => import("./RunSystem").then(({ RunSystem }) => ({ default: RunSystem }))),
  logs: lazy(() => import("./Logs").then(({ Logs }) => ({ default: Logs }))),
  events: lazy(() => import("./Events").then(({ Events }) => ({ default: Events }))),
  llm: lazy(() => import("./RunLlm").then(({ RunLlm }) => ({ default: RunLlm }))),
  checkpoints: lazy(() =>
    import("./RunCheckpoints").then(({ RunCheckpoints }) => ({ default: RunCheckpoints })),
  ),
  artifacts: lazy(() =>
    import("./RunArtifacts").then(({ RunArtifacts }) => ({ default: RunArtifacts })),
  ),
  files: lazy(() => import("./Files").then(({ Files }) => ({ default: Files }))),
};

type Tab = keyof typeof TABS;
const NAMES = Object.keys(TABS) as readonly Tab[];

export function RunPage() {
  const { project = "", run: runId = "", tab = "overview" } = useParams({ strict: false });
  const address = `${project}/${runId}`;
  const { data: run, error, refetch } = useRun(address);
  useLiveWant({ runs: [address], keys: [] });
  const now: Tab = NAMES.find((name) => name === tab) ?? "overview";
  useEffect(() => {
    document.title = `${run?.name ?? runId} – ${project} – TrackLab`;
  }, [run?.name, runId, project]);
  if (error && !run) return <Failure error={error} retry={() => void refetch()} />;
  if (!run) return <Progress />;
  const Content = TABS[now];
  return (
    <div className={s.page}>
      <RunHead run={run} />
      <div className={s.ribbon}>
        <RunRibbon run={run} />
      </div>
      <Tabs run={run} now={now} project={project} runId={runId} />
      <div className={s.body}>
        <Suspense fallback={<Progress />}>
          <Content run={run} />
        </Suspense>
      </div>
    </div>
  );
}

type TabsProps = {
  readonly run: RunDetail;
  readonly now: Tab;
  readonly project: string;
  readonly runId: string;
};

function Tabs({ run, now, project, runId }: TabsProps) {
  const t = useText();
  const nav = useRef<HTMLElement>(null);
  const counts: Partial<Record<Tab, number>> = {
    llm: run.llm_calls ?? 0,
    checkpoints: run.checkpoints ?? 0,
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the open tab is what must be in sight
  useEffect(() => {
    nav.current
      ?.querySelector("[aria-current]")
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [now]);
  return (
    <nav ref={nav} className={bar.tabs} aria-label={t.nav.tabs}>
      {NAMES.map((name) => (
        <Link
          key={name}
          to="/p/$project/r/$run/$tab"
          params={{ project, run: runId, tab: name }}
          aria-current={name === now ? "page" : undefined}
        >
          {t.run.tabs[name]}
          {(counts[name] ?? 0) > 0 && <small>{formatCount(counts[name] ?? 0)}</small>}
        </Link>
      ))}
    </nav>
  );
}
