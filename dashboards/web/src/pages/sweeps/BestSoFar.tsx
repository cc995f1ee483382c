/** What each trial measured, and the best until then. */

import { useMemo } from "react";
import type { SweepMetric } from "../../api/types";
import { widen } from "../../charts/ranges";
import { type StepPoint, Steps } from "../../charts/Steps";
import { useLook } from "../../components/ChartTheme";
import { Button } from "../../components/controls";
import { numberAxis } from "../../data/axis";
import { formatMetric } from "../../data/format";
import { bestSoFar } from "../../data/sweep";
import { useText } from "../../locales/useText";
import s from "./sweeps.module.css";
import { colourOf, idOf, type Space, tipOf } from "./trials";

type BestSoFarProps = {
  readonly space: Space;
  readonly metric: SweepMetric;
  readonly log: boolean;
  readonly onLog: () => void;
  readonly hovered: string | null;
  readonly onHover: (id: string | null) => void;
  readonly onPick: (id: string) => void;
};

const HEIGHT = 260;

export function BestSoFar({ space, metric, log, onLog, ...hands }: BestSoFarProps) {
  const t = useText();
  const { chart, ground } = useLook();
  const { trials, goal } = space;
  const values = trials.flatMap(({ value }) => (value === null ? [] : [value]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const range = widen(values.length === 0 ? null : [low, high], log, 0.05);
  const [floor, ceiling] = range;
  const axis = useMemo(() => numberAxis(floor, ceiling, log), [floor, ceiling, log]);
  const points = useMemo<readonly StepPoint[]>(() => {
    const best = bestSoFar(
      trials.map(({ value }) => value),
      goal,
    );
    return trials.map((trial, index) => ({
      id: idOf(trial),
      x: trial.number,
      y: trial.value,
      best: best[index] ?? null,
      colour:
        space.metric && trial.value !== null
          ? colourOf(space.metric, trial.value, goal, ground === "dark")
          : "",
      open: trial.state === "running",
    }));
  }, [trials, goal, space.metric, ground]);
  const top = trials.find(({ number }) => number === space.best);
  const summary =
    top && top.value !== null
      ? t.sweeps.bestSummary(metric.name, trials.length, formatMetric(top.value), top.number)
      : t.sweeps.noneMeasured;
  return (
    <section className={s.part}>
      <header className={s.partHead}>
        <h2>{t.sweeps.bestSoFar(metric.name)}</h2>
        {low > 0 && values.length > 0 && (
          <Button label={t.sweeps.log} text="log" pressed={log} onClick={onLog} />
        )}
      </header>
      <Steps
        points={points}
        axis={axis}
        tipOf={(id) => tipOf(space, id, t)}
        theme={chart}
        height={HEIGHT}
        label={summary}
        xName={t.sweeps.number}
        {...hands}
      />
    </section>
  );
}
