/**
 * The columns of one series and the questions a chart asks of them.
 *
 * `x` is increasing. `last` is the drawn value; NaN in it breaks the line. `lo` and `hi` bound
 * each bucket and are the `last` column itself when the series is exact.
 */

export type NonFiniteKind = "NaN" | "Infinity" | "-Infinity";
export type NonFinite = { readonly x: number; readonly kind: NonFiniteKind };

export type Columns = {
  readonly x: Float64Array;
  readonly last: Float64Array;
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly exact: boolean;
  readonly nonfinite: readonly NonFinite[];
};

const NONE = new Float64Array(0);
export const EMPTY: Columns = {
  x: NONE,
  last: NONE,
  lo: NONE,
  hi: NONE,
  exact: true,
  nonfinite: [],
};

export type Range = readonly [number, number];

/** Index of the first element not below `value`; `xs.length` when there is none. */
export function lowerBound(xs: Float64Array, value: number): number {
  let low = 0;
  let high = xs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((xs[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the point nearest to `value`, or -1 when there are no points. */
export function nearest(xs: Float64Array, value: number): number {
  if (xs.length === 0) return -1;
  const right = Math.min(lowerBound(xs, value), xs.length - 1);
  const left = Math.max(right - 1, 0);
  return value - (xs[left] ?? 0) <= (xs[right] ?? 0) - value ? left : right;
}

/** The part of a series a chart must draw for `range`: one point more on each side, to touch the edges. */
export function visibleSlice(columns: Columns, range: Range): readonly [number, number] {
  const from = Math.max(lowerBound(columns.x, range[0]) - 1, 0);
  const upTo = Math.min(lowerBound(columns.x, range[1]) + 2, columns.x.length);
  return [from, upTo];
}

/** Smallest and largest finite x over all series, or null when nothing was logged. */
export function xExtent(all: readonly Columns[], positiveOnly = false): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x } of all) {
    const from = positiveOnly ? lowerBound(x, Number.MIN_VALUE) : 0;
    if (from >= x.length) continue;
    low = Math.min(low, x[from] ?? low);
    high = Math.max(high, x[x.length - 1] ?? high);
  }
  return low <= high ? [low, high] : null;
}

/** The lowest drawn value of a bucket; on a log axis, the lowest positive one it is known to hold. */
function floorOf(lo: number, hi: number, positiveOnly: boolean): number {
  if (!positiveOnly || lo > 0) return lo;
  return hi > 0 ? hi : Number.NaN;
}

/** Smallest and largest value inside `range`, envelopes included; positive values only on request. */
export function yExtent(all: readonly Columns[], range: Range, positiveOnly = false): Range | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { x, lo, hi } of all) {
    for (let index = lowerBound(x, range[0]); (x[index] ?? Number.NaN) <= range[1]; index += 1) {
      const top = hi[index] ?? Number.NaN;
      const floor = floorOf(lo[index] ?? Number.NaN, top, positiveOnly);
      if (top > high) high = top;
      if (floor < low) low = floor;
    }
  }
  return low <= high ? [low, high] : null;
}

/** The middle `share` of all values inside `range`: what the axis shows while outliers are clipped. */
export function clippedExtent(all: readonly Columns[], range: Range, share = 0.98): Range | null {
  const values: number[] = [];
  for (const columns of all) {
    const [from, upTo] = visibleSlice(columns, range);
    for (let index = from; index < upTo; index += 1) {
      const value = columns.last[index] ?? Number.NaN;
      if (Number.isFinite(value)) values.push(value);
    }
  }
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const cut = (1 - share) / 2;
  const at = (part: number): number => values[Math.round(part * (values.length - 1))] ?? 0;
  return [at(cut), at(1 - cut)];
}

export type Undrawn = {
  readonly name: "NaN" | "Inf" | "\u2212Inf" | "\u2264 0";
  readonly count: number;
};

const UNDRAWN: Record<NonFiniteKind, Undrawn["name"]> = {
  NaN: "NaN",
  Infinity: "Inf",
  "-Infinity": "\u2212Inf",
};

function countNotPositive({ x, last }: Columns, low: number, high: number): number {
  let count = 0;
  for (let index = lowerBound(x, low); (x[index] ?? Number.NaN) <= high; index += 1) {
    if ((last[index] ?? 1) <= 0) count += 1;
  }
  return count;
}

/** How many values inside `range` a line cannot show: not finite, or on a log axis not positive. */
export function undrawn(
  all: readonly Columns[],
  range: Range | null,
  log: boolean,
): readonly Undrawn[] {
  const [low, high] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const counts = new Map<Undrawn["name"], number>();
  const add = (name: Undrawn["name"], count: number): void =>
    void counts.set(name, (counts.get(name) ?? 0) + count);
  for (const columns of all) {
    for (const { x, kind } of columns.nonfinite) {
      if (x >= low && x <= high) add(UNDRAWN[kind], 1);
    }
    if (log) add("\u2264 0", countNotPositive(columns, low, high));
  }
  return [...counts].filter(([, count]) => count > 0).map(([name, count]) => ({ name, count }));
}

/** What a screen reader, or a reader in a hurry, should know about one line. */
export type Digest = {
  readonly points: number;
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly trend: "rising" | "falling" | "flat";
};

export function digest(columns: Columns): Digest | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let last = Number.NaN;
  let first = Number.NaN;
  for (let index = 0; index < columns.x.length; index += 1) {
    const value = columns.last[index] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    if (Number.isNaN(first)) first = value;
    last = value;
    min = Math.min(min, columns.lo[index] ?? value);
    max = Math.max(max, columns.hi[index] ?? value);
  }
  if (Number.isNaN(first)) return null;
  // A change below a twentieth of the spread is noise to the eye.
  const change = (last - first) / (max - min || 1);
  const trend = Math.abs(change) < 0.05 ? "flat" : change > 0 ? "rising" : "falling";
  return { points: columns.x.length, last, min, max, trend };
}
