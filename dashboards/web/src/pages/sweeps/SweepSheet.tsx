/** One sweep: its best so far, its parameters against the metric, and its trials. */

import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { SweepDetail } from "../../api/types";
import { type Stat, StatStrip } from "../../components/KeyValues";
import { Empty, Failure, Progress } from "../../components/states";
import { formatMetric } from "../../data/format";
import { type Texts, useText } from "../../locales/useText";
import { useHover } from "../../state/hover";
import { useSweep } from "../../state/sweeps";
import type { Change, SweepsView } from "../../state/views";
import { BestSoFar } from "./BestSoFar";
import { ImportanceTable } from "./ImportanceTable";
import { Parameters } from "./Parameters";
import s from "./sweeps.module.css";
import { TrialLink } from "./TrialLink";
import { Trials } from "./Trials";
import { type Space, shortOf, shownOf, spaceOf } from "./trials";

type SheetProps = {
  /** `project/id` */
  readonly sweep: string;
  readonly view: SweepsView;
  readonly change: Change<SweepsView>;
};

export function SweepSheet({ sweep, view, change }: SheetProps) {
  const t = useText();
  const query = useSweep(sweep);
  const navigate = useNavigate();
  const hovered = useHover(({ run }) => run);
  const onHover = useHover(({ set }) => set);
  const space = useMemo(() => query.data && spaceOf(query.data), [query.data]);
  const shown = useMemo(() => space && shownOf(space, view.brush), [space, view.brush]);
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!query.data || !space || !shown) return <Progress />;
  const { count, metric, trials } = query.data;
  if (count === 0) {
    return (
      <Empty title={t.sweeps.noTrials} code={`tracklab agent ${sweep}`}>
        {t.sweeps.noTrialsHint}
      </Empty>
    );
  }
  const onPick = (id: string): void => {
    const run = trials.find((one) => one.run === id)?.run;
    const slash = run?.lastIndexOf("/") ?? -1;
    if (run)
      void navigate({
        to: "/p/$project/r/$run/$tab",
        params: { project: run.slice(0, slash), run: run.slice(slash + 1), tab: "overview" },
      });
  };
  const hands = { hovered, onHover, onPick };
  return (
    <div className={s.sheet}>
      <StatStrip stats={strip(query.data, t.sweeps)} />
      <Best sweep={query.data} space={space} />
      {metric ? (
        <div className={s.charts}>
          <BestSoFar
            space={space}
            metric={metric}
            log={view.log}
            onLog={() => change({ log: !view.log })}
            {...hands}
          />
          <ImportanceTable space={space} metric={metric.name} />
        </div>
      ) : (
        <p className={s.note}>{t.sweeps.noMetric}</p>
      )}
      {shown.axes.length > 1 && (
        <Parameters shown={shown} onBrush={(brush) => change({ brush })} {...hands} />
      )}
      {count > trials.length && <p className={s.note}>{t.sweeps.capped(trials.length, count)}</p>}
      <Trials
        sweep={query.data}
        shown={shown}
        sort={view.sort}
        onSort={(sort) => change({ sort })}
        hovered={hovered}
        onHover={onHover}
      />
    </div>
  );
}

function strip(sweep: SweepDetail, t: Texts["sweeps"]): readonly Stat[] {
  const { best, count, limit, method, metric, states } = sweep;
  const value = best
    ? [{ name: t.bestOf(metric?.name ?? ""), value: formatMetric(best.value) }]
    : [];
  const goal = metric ? { note: t.goals[metric.goal] } : {};
  const failed = states.failed > 0 ? { tone: "failed" as const } : {};
  return [
    ...value.map((stat) => ({ ...stat, ...goal })),
    {
      name: t.trials,
      value: formatMetric(count),
      ...(limit === null ? {} : { note: t.outOf(limit) }),
    },
    { name: t.running, value: formatMetric(states.running) },
    { name: t.failed, value: formatMetric(states.failed), ...failed },
    { name: t.stopped, value: formatMetric(states.stopped) },
    { name: t.method, value: method },
  ];
}

/** The best trial with the parameters that made it: what a search is for. */
function Best({ sweep, space }: { readonly sweep: SweepDetail; readonly space: Space }) {
  const t = useText();
  const trial = sweep.trials.find(({ number }) => number === sweep.best?.number);
  if (!trial) return null;
  return (
    <p className={s.best}>
      <span className={s.muted}>{t.sweeps.bestTrial}</span>
      <TrialLink trial={trial} />
      {space.swept.map(({ name }) => (
        <span key={name} className={s.chosen}>
          {name} <b>{shortOf(trial.parameters[name])}</b>
        </span>
      ))}
    </p>
  );
}
