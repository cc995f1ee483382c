/** Axes that stand on their own: evenly divided, by orders of magnitude, or with a place per name. */

import type { Range } from "./columns";
import { formatMetric, formatSmallTicks, formatTick, formatTicks, formatValue } from "./format";

export type Axis = {
  readonly kind: "linear" | "log" | "names";
  /** The ends in values; of names, in places: half a place beside the first and the last. */
  readonly low: number;
  readonly high: number;
  /** What stands at each place, in order; empty unless the axis has names. */
  readonly names: readonly string[];
};

/** Values that reach over so many orders of magnitude are told apart by these only. */
const MANY_DECADES = 2.5;

/** An axis for numbers between two ends; `log` where each order of magnitude counts as much. */
export function numberAxis(low: number, high: number, log = false): Axis {
  const kind = log && low > 0 ? "log" : "linear";
  // One value gets a middle to stand in.
  const [from, upTo] =
    low < high ? [low, high] : kind === "log" ? [low / 2, low * 2] : [low - 0.5, low + 0.5];
  return { kind, low: from, high: upTo, names: [] };
}

/** An axis that holds all of these numbers, by orders of magnitude where they span many. */
export function axisAround(values: readonly number[]): Axis {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  if (finite.length === 0) return numberAxis(0, 1);
  return numberAxis(low, high, low > 0 && Math.log10(high / low) > MANY_DECADES);
}

/** An axis with a place for each different value: numbers by size, all else in the given order. */
export function nameAxis(values: readonly unknown[]): Axis {
  const numeric = values.every((value) => typeof value === "number");
  const ordered = numeric ? [...values].sort((a, b) => Number(a) - Number(b)) : values;
  const names = [...new Set(ordered.map(formatValue))];
  return { kind: "names", low: -0.5, high: Math.max(names.length, 1) - 0.5, names };
}

/** Where a value lies in the units of the axis: the number itself, or its place; NaN for nowhere. */
export function unitOf(axis: Axis, value: unknown): number {
  if (axis.kind === "names") {
    const place = axis.names.indexOf(formatValue(value));
    return place < 0 ? Number.NaN : place;
  }
  return typeof value === "number" ? value : Number.NaN;
}

/** The share of the axis below a unit, 0 to 1; values outside stand at its ends. */
export function shareOf(axis: Axis, unit: number): number {
  const bent = axis.kind === "log" ? Math.log : Number;
  const share = (bent(unit) - bent(axis.low)) / (bent(axis.high) - bent(axis.low));
  return Math.min(Math.max(share, 0), 1);
}

/** What `shareOf` turns back. */
export function unitAt(axis: Axis, share: number): number {
  if (axis.kind === "log") return axis.low * (axis.high / axis.low) ** share;
  return axis.low + (axis.high - axis.low) * share;
}

export type Tick = { readonly share: number; readonly text: string };

/** Round numbers along the axis, or its names; at most so many. */
export function ticksOf(axis: Axis, most: number): readonly Tick[] {
  if (axis.kind === "names") {
    const every = Math.ceil(axis.names.length / most);
    return axis.names.flatMap((text, place) =>
      place % every === 0 ? [{ share: shareOf(axis, place), text }] : [],
    );
  }
  const units = axis.kind === "log" ? decades(axis, most) : evenUnits(axis, most);
  const texts = axis.kind === "log" ? units.map((unit) => formatTick(unit)) : evenTexts(units);
  return units.map((unit, index) => ({ share: shareOf(axis, unit), text: texts[index] ?? "" }));
}

const evenTexts = (units: readonly number[]): readonly string[] =>
  Math.max(...units.map(Math.abs), 0) < 0.01 ? formatSmallTicks(units) : formatTicks(units);

const STEPS = [1, 2, 5, 10];

function evenUnits({ low, high }: Axis, most: number): readonly number[] {
  const rough = (high - low) / most;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * (STEPS.find((one) => one * decade >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  // Multiplied anew each time: sums of steps would drift.
  return Array.from({ length: count }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

function decades(axis: Axis, most: number): readonly number[] {
  const first = Math.ceil(Math.log10(axis.low) - 1e-9);
  const last = Math.floor(Math.log10(axis.high) + 1e-9);
  if (last - first < 1) return evenUnits(axis, most);
  const every = Math.ceil((last - first + 1) / most);
  return Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) =>
    Number(`1e${first + index * every}`),
  );
}

/** What lies between two units, in words: the names in it, or the two numbers. */
export function tellSpan(axis: Axis, [low, high]: Range): string {
  if (axis.kind !== "names") return `${formatMetric(low)} … ${formatMetric(high)}`;
  const inside = axis.names.filter((_, place) => place >= low && place <= high);
  return inside.join(", ");
}
