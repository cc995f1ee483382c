/** A sweep as pages look at it: the axes of its parameters, its best so far, and what is brushed. */

import { type Axis, axisAround, nameAxis, numberAxis, shareOf, unitOf } from "./axis";
import type { Range } from "./columns";

export type Goal = "minimize" | "maximize";

/** One parameter as the server tells it. */
export type Searched = {
  readonly name: string;
  readonly kind: string;
  readonly fields: { readonly [field: string]: unknown };
};

/** An axis of the parameter, as wide as what is searched; as what was tried where that has no end. */
export function parameterAxis({ kind, fields }: Searched, tried: readonly unknown[]): Axis {
  const { values, min, max } = fields;
  if (Array.isArray(values)) return nameAxis(values);
  const shape = kind.replace("q_", "");
  if (typeof min === "number" && typeof max === "number") {
    if (shape === "log_uniform") return numberAxis(Math.exp(min), Math.exp(max), true);
    if (shape === "inv_log_uniform") return numberAxis(Math.exp(-max), Math.exp(-min), true);
    return numberAxis(min, max, shape.includes("log"));
  }
  const numbers = tried.filter((value) => typeof value === "number");
  if (numbers.length < tried.length) return nameAxis(tried);
  return shape === "beta" ? numberAxis(0, 1) : axisAround(numbers);
}

/** The best value up to each trial; null before there is one. */
export function bestSoFar(
  values: readonly (number | null)[],
  goal: Goal,
): readonly (number | null)[] {
  let best: number | null = null;
  return values.map((value) => {
    if (value !== null && (best === null || isBetter(value, best, goal))) best = value;
    return best;
  });
}

export const isBetter = (value: number, than: number, goal: Goal): boolean =>
  goal === "maximize" ? value > than : value < than;

/** How good a value is along the axis of the metric: 1 is the best end. */
export function goodness(axis: Axis, value: number, goal: Goal): number {
  const share = shareOf(axis, value);
  return goal === "maximize" ? share : 1 - share;
}

/** What is brushed of each axis, by its name, in the axis's units. */
export type Brushes = ReadonlyMap<string, Range>;

/** `lr:0.001~0.1`; what does not read so is left out. */
export function parseBrushes(texts: readonly string[]): Brushes {
  return new Map(
    texts.flatMap((text) => {
      const cut = text.lastIndexOf(":");
      const [low = Number.NaN, high = Number.NaN] = text
        .slice(cut + 1)
        .split("~")
        .map(Number);
      return cut > 0 && low <= high ? [[text.slice(0, cut), [low, high]] as const] : [];
    }),
  );
}

export function printBrushes(brushes: Brushes): readonly string[] {
  const short = (value: number): string => String(Number(value.toPrecision(6)));
  return [...brushes].map(([name, [low, high]]) => `${name}:${short(low)}~${short(high)}`);
}

export type NamedAxis = Axis & { readonly name: string };

/** Whether a trial lies in everything that is brushed; what it has no value of, it does not. */
export function isBrushed(
  axes: readonly NamedAxis[],
  brushes: Brushes,
  quantityOf: (name: string) => unknown,
): boolean {
  return axes.every((axis) => {
    const range = brushes.get(axis.name);
    if (!range) return true;
    const unit = unitOf(axis, quantityOf(axis.name));
    return unit >= range[0] && unit <= range[1];
  });
}
