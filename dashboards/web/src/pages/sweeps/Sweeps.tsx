/** Sweeps of a project: what was searched, how far each has come, and one of them in full. */

import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Sweep } from "../../api/types";
import { type Column, Grid } from "../../components/Grid";
import { StatusGlyph } from "../../components/StatusGlyph";
import { Empty, Failure, Progress } from "../../components/states";
import { formatMetric } from "../../data/format";
import { type Texts, useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { useSweeps } from "../../state/sweeps";
import { SWEEPS, useView } from "../../state/views";
import { SweepSheet } from "./SweepSheet";
import s from "./sweeps.module.css";

const EXAMPLE = `search = {"method": "random", "run_cap": 20,
          "metric": {"name": "loss", "goal": "minimize"},
          "parameters": {"lr": {"min": 0.001, "max": 0.1}}}
tracklab.agent(tracklab.sweep(search), function=train)`;

/** So many are shown at once; more scroll. */
const SHORT = 6;

export function Sweeps() {
  const t = useText();
  const { project = "" } = useParams({ strict: false });
  const [view, change] = useView(SWEEPS);
  const list = useSweeps(project);
  const now = useNow();
  useEffect(() => {
    document.title = `${t.nav.sweeps} – ${project} – TrackLab`;
  }, [t, project]);
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Progress />;
  const { sweeps, total } = list.data;
  const [newest] = sweeps;
  if (!newest) {
    return (
      <Empty title={t.sweeps.empty} code={EXAMPLE}>
        {t.sweeps.emptyHint}
      </Empty>
    );
  }
  const chosen = view.of === "" ? newest.sweep_id : view.of;
  return (
    <div className={s.page}>
      <div className={s.list} data-many={sweeps.length > SHORT}>
        <Grid
          auto={sweeps.length <= SHORT}
          label={t.sweeps.label}
          columns={listColumns(t, now)}
          rows={sweeps}
          rowId={({ sweep_id: id }) => id}
          selected={new Set([chosen])}
          onOpen={({ sweep_id: of }) => change({ of, brush: [], sort: "" }, "push")}
        />
      </div>
      {total > sweeps.length && <p className={s.note}>{t.sweeps.total(sweeps.length, total)}</p>}
      <SweepSheet key={chosen} sweep={`${project}/${chosen}`} view={view} change={change} />
    </div>
  );
}

function listColumns(t: Texts, now: number): readonly Column<Sweep>[] {
  const c = t.sweeps;
  return [
    { id: "name", header: c.name, width: 96, grow: true, cell: ({ name }) => name },
    {
      id: "state",
      header: c.state,
      width: 92,
      cell: (sweep) => <State sweep={sweep} />,
    },
    {
      id: "trials",
      header: c.trials,
      width: 76,
      end: true,
      cell: ({ count, limit }) => c.count(count, limit),
    },
    { id: "method", header: c.method, width: 84, roomy: true, cell: ({ method }) => method },
    {
      id: "metric",
      header: c.metric,
      width: 168,
      roomy: true,
      cell: ({ metric }) => (metric ? `${metric.name}, ${c.goals[metric.goal]}` : "–"),
    },
    {
      id: "best",
      header: c.best,
      width: 84,
      end: true,
      cell: ({ best }) => (best ? formatMetric(best.value) : "–"),
    },
    {
      id: "updated",
      header: c.updated,
      width: 110,
      roomy: true,
      cell: ({ updated_at: at }) => (at === null ? "" : t.ago(now - Date.parse(at) / 1000)),
    },
  ];
}

/** A sweep that may go on, and on which nobody works, waits. */
function State({ sweep: { state, states } }: { readonly sweep: Sweep }) {
  const t = useText();
  if (state === "RUNNING" && states.running === 0)
    return <span className={s.muted}>{t.sweeps.waiting}</span>;
  const shown = state === "RUNNING" ? "running" : "finished";
  return (
    <span className={s.state}>
      <StatusGlyph status={shown} />
      {t.sweeps.states[shown]}
    </span>
  );
}
