/** In which order trials are listed. */

import type { SweepMetric, SweepTrial } from "../../api/types";
import { formatValue } from "../../data/format";

/** The order in which the best trial comes first; that of claims where none is better. */
export function bestFirst(metric: SweepMetric | null): string {
  if (!metric) return "number";
  return metric.goal === "maximize" ? "-value" : "value";
}

/** Seconds from claim to result, or until now. */
export function tookOf(
  { began_at: began, ended_at: ended, state }: SweepTrial,
  now: number,
): number | null {
  const upTo = ended !== null ? Date.parse(ended) / 1000 : state === "running" ? now : null;
  return began === null || upTo === null ? null : Math.max(0, upTo - Date.parse(began) / 1000);
}

function fieldOf(trial: SweepTrial, field: string, now: number): unknown {
  if (field.startsWith("p:")) return trial.parameters[field.slice(2)] ?? null;
  if (field === "took") return tookOf(trial, now);
  return { number: trial.number, value: trial.value, state: trial.state }[field] ?? null;
}

/** What has no value comes last, whichever way the others go. */
export function sorted(
  trials: readonly SweepTrial[],
  order: string,
  now: number,
): readonly SweepTrial[] {
  const [sign, field] = order.startsWith("-") ? [-1, order.slice(1)] : [1, order];
  const keyed = trials.map((trial) => ({ trial, key: fieldOf(trial, field, now) }));
  return keyed
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      if (typeof a.key === "number" && typeof b.key === "number") return sign * (a.key - b.key);
      return sign * formatValue(a.key).localeCompare(formatValue(b.key));
    })
    .map(({ trial }) => trial);
}
