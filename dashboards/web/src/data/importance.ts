/**
 * How much each parameter alone tells of a metric, from the trials that were made.
 *
 * The metric's ranks are used, so that a single trial that diverged does not decide. `share` is
 * the part of their variance that lies between groups of equal (or, of many numbers, similar)
 * values, corrected for what groups explain by chance: epsilon squared (Kelley 1935). It sees any
 * dependence of one parameter, but none that needs two together. `correlation` is Spearman's.
 */

export type Tried = { readonly name: string; readonly values: readonly unknown[] };
export type Importance = {
  readonly name: string;
  /** 0 to 1; null where the trials cannot tell. */
  readonly share: number | null;
  /** -1 to 1; null for what is no number, or always the same one. */
  readonly correlation: number | null;
};

/** Fewer trials tell nothing that chance could not. */
export const LEAST_TRIALS = 6;
const MOST_GROUPS = 5;

/** The most telling parameter first; `metric` has a finite number for each trial. */
export function importance(
  parameters: readonly Tried[],
  metric: readonly number[],
): readonly Importance[] {
  const ranked = ranks(metric);
  const enough = metric.length >= LEAST_TRIALS;
  return parameters
    .map(({ name, values }) => ({
      name,
      share: enough ? explained(groupsOf(values), ranked) : null,
      correlation: enough && values.every(isNumber) ? pearson(ranks(values), ranked) : null,
    }))
    .sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
}

const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

/** The rank of each value, from 0; equal values share the mean of theirs. */
export function ranks(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).sort((a, b) => at(values, a) - at(values, b));
  const found = new Array<number>(values.length);
  for (let from = 0, upTo = 0; from < order.length; from = upTo) {
    const value = at(values, at(order, from));
    while (upTo < order.length && at(values, at(order, upTo)) === value) upTo += 1;
    for (const index of order.slice(from, upTo)) found[index] = (from + upTo - 1) / 2;
  }
  return found;
}

const at = (values: readonly number[], index: number): number => values[index] ?? Number.NaN;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Which group each trial is in: that of its value, or of values around it where there are many. */
function groupsOf(values: readonly unknown[]): readonly string[] {
  const names = values.map((value) => JSON.stringify(value) ?? "");
  const most = Math.min(MOST_GROUPS, Math.floor(Math.sqrt(values.length)));
  if (new Set(names).size <= MOST_GROUPS || !values.every(isNumber)) return names;
  return ranks(values).map((rank) => String(Math.floor((rank / values.length) * most)));
}

function explained(groups: readonly string[], ranked: readonly number[]): number | null {
  const members = Map.groupBy(ranked.keys(), (index) => groups[index] ?? "");
  const [count, trials, middle] = [members.size, ranked.length, mean(ranked)];
  const total = ranked.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  if (count < 2 || count >= trials || total === 0) return null;
  let within = 0;
  for (const indices of members.values()) {
    const own = indices.map((index) => at(ranked, index));
    const centre = mean(own);
    within += own.reduce((sum, rank) => sum + (rank - centre) ** 2, 0);
  }
  const chance = (count - 1) * (within / (trials - count));
  return Math.max(0, (total - within - chance) / total);
}

function pearson(first: readonly number[], second: readonly number[]): number | null {
  const [middle, centre] = [mean(first), mean(second)];
  let [both, one, other] = [0, 0, 0];
  first.forEach((value, index) => {
    const [x, y] = [value - middle, at(second, index) - centre];
    both += x * y;
    one += x * x;
    other += y * y;
  });
  return one === 0 || other === 0 ? null : both / Math.sqrt(one * other);
}
