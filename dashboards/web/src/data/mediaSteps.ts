/** What was logged when: values of one key by step, and the one that stands at a step. */

export type Logged<Value> = { readonly step: number; readonly values: readonly Value[] };

/** Gather values by key, then by step in rising order; a list of media comes as several values. */
export function byKey<Item extends { readonly key: string; readonly step: number }>(
  items: readonly Item[],
): ReadonlyMap<string, readonly Logged<Item>[]> {
  const keys = new Map<string, Map<number, Item[]>>();
  for (const item of items) {
    const steps = keys.get(item.key) ?? new Map<number, Item[]>();
    keys.set(item.key, steps);
    const values = steps.get(item.step);
    if (values) values.push(item);
    else steps.set(item.step, [item]);
  }
  return new Map(
    [...keys].map(([key, steps]) => [
      key,
      [...steps]
        .sort(([first], [second]) => first - second)
        .map(([step, values]) => ({ step, values })),
    ]),
  );
}

/** All steps of several keys, each once, rising. */
export function unionSteps(lists: Iterable<readonly number[]>): readonly number[] {
  const all = new Set<number>();
  for (const steps of lists) for (const step of steps) all.add(step);
  return [...all].sort((first, second) => first - second);
}

/** Index of the last entry at or before `step`; -1 where all come later, the last for null. */
export function indexAt(steps: readonly number[], step: number | null): number {
  if (step === null) return steps.length - 1;
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
