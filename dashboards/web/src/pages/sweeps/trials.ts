/** Trials as the parts of the page share them: axes, what is brushed, and who is measured. */

import type { SweepDetail, SweepParameter, SweepTrial } from "../../api/types";
import type { Tip } from "../../charts/PointTip";
import { type Axis, axisAround, unitOf } from "../../data/axis";
import { formatMetric, formatTick, formatValue } from "../../data/format";
import { shade } from "../../data/palette";
import {
  type Brushes,
  type Goal,
  goodness,
  isBrushed,
  type NamedAxis,
  parameterAxis,
  parseBrushes,
} from "../../data/sweep";
import type { Texts } from "../../locales/useText";

/** What is known of a sweep, whichever part of it is brushed. */
export type Space = {
  /** In the order of claims. */
  readonly trials: readonly SweepTrial[];
  /** Parameters in which trials differ. */
  readonly swept: readonly SweepParameter[];
  /** One for each of these, and the metric as the last one. */
  readonly axes: readonly NamedAxis[];
  readonly metric: NamedAxis | null;
  readonly goal: Goal;
  /** Number of the best trial. */
  readonly best: number | null;
};

/** The same with what is brushed, and the trials in all of that. */
export type Shown = Space & {
  readonly brushes: Brushes;
  readonly kept: ReadonlySet<SweepTrial>;
};

export function spaceOf({ trials, parameters, metric, best }: SweepDetail): Space {
  const swept = parameters.filter(({ varies }) => varies);
  const own = swept.map((one) => ({
    ...parameterAxis(one, tried(trials, one.name)),
    name: one.name,
  }));
  const values = trials.flatMap(({ value }) => (value === null ? [] : [value]));
  const last = metric && { ...axisAround(values), name: metric.name };
  return {
    trials,
    swept,
    axes: last ? [...own, last] : own,
    metric: last,
    goal: metric?.goal ?? "minimize",
    best: best?.number ?? null,
  };
}

export function shownOf(space: Space, brush: readonly string[]): Shown {
  const { trials, axes, metric } = space;
  const brushes = parseBrushes(brush);
  const kept = trials.filter((trial) =>
    isBrushed(axes, brushes, (name) => quantityOf(trial, name, metric)),
  );
  return { ...space, brushes, kept: new Set(kept) };
}

const tried = (trials: readonly SweepTrial[], name: string): readonly unknown[] =>
  trials.map(({ parameters }) => parameters[name]);

const quantityOf = (trial: SweepTrial, name: string, metric: NamedAxis | null): unknown =>
  name === metric?.name ? trial.value : trial.parameters[name];

/** Where a trial crosses each axis. */
export const unitsOf = ({ axes, metric }: Space, trial: SweepTrial): readonly number[] =>
  axes.map((axis) => unitOf(axis, quantityOf(trial, axis.name, metric)));

/** What tells a trial from others: its run; one whose claim was cut short has none. */
export const idOf = ({ run, number }: SweepTrial): string => run ?? String(number);

/** A value of a parameter for people: four digits tell it from others, and 0.01 stays 0.01. */
export const shortOf = (value: unknown): string =>
  typeof value === "number" && !Number.isInteger(value)
    ? formatTick(Number(value.toPrecision(4)))
    : formatValue(value);

/** The further from the ground, the better. */
export function colourOf(axis: Axis, value: number, goal: Goal, dark: boolean): string {
  return `rgb(${shade(goodness(axis, value, goal), dark).join(" ")})`;
}

export function tipOf({ trials, swept, metric }: Space, id: string, t: Texts): Tip {
  const trial = trials.find((one) => idOf(one) === id);
  if (!trial) return { heading: "", rows: [] };
  const value = trial.value === null ? "–" : formatMetric(trial.value);
  return {
    heading: `${t.sweeps.number} ${trial.number}, ${t.sweeps.states[trial.state]}`,
    rows: [
      ...(metric ? [[metric.name, value] as const] : []),
      ...swept.map(({ name }) => [name, shortOf(trial.parameters[name])] as const),
    ],
  };
}
