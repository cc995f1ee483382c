/** Counters since boot become rates: what the eye wants is bytes per second. */

import type { Columns } from "./columns";

/** Difference over time between neighbours, `x` in seconds; a counter that fell was reset: a gap. */
export function toRate(columns: Columns): Columns {
  const { x, last } = columns;
  const size = Math.max(x.length - 1, 0);
  const rate = new Float64Array(size);
  for (let index = 0; index < size; index += 1) {
    const grown = (last[index + 1] ?? Number.NaN) - (last[index] ?? Number.NaN);
    const passed = (x[index + 1] ?? 0) - (x[index] ?? 0);
    rate[index] = grown >= 0 && passed > 0 ? grown / passed : Number.NaN;
  }
  return { x: x.subarray(1), last: rate, lo: rate, hi: rate, exact: true, nonfinite: [] };
}
