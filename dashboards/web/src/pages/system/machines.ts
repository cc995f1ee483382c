/** What a machine of the cluster shows: its accelerators, on which scale, and how it went before. */

import type { Machine, MachineLine, Values } from "../../api/types";
import { toNumber } from "../../data/flatten";
import { type Ground, inkOn, shade } from "../../data/palette";
import { DEVICE, deviceName, formatUnit, type Unit } from "./gauges";

export type Measure = "load" | "memory" | "temperature" | "power";
export const MEASURES: readonly Measure[] = ["load", "memory", "temperature", "power"];

const QUANTITY: Readonly<Record<Measure, string>> = {
  load: "utilization_percent",
  memory: "memory_percent",
  temperature: "temperature_celsius",
  power: "power_watts",
};

const UNIT: Readonly<Record<Measure, Unit>> = {
  load: "percent",
  memory: "percent",
  temperature: "celsius",
  power: "watts",
};

/** A value with its unit. */
export function formatMeasure(measure: Measure, value: number): string {
  return formatUnit(UNIT[measure])?.(value) ?? String(value);
}

/** The row of a machine as a whole. */
export const LEVELS = ["cpu_percent", "memory_percent"] as const;

/** `id` is the beginning of its keys, such as `gpu.0`; null is what it does not tell. */
export type Card = {
  readonly id: string;
  readonly name: string;
  /** What tells it from the others of its kind. */
  readonly index: string;
  readonly now: Readonly<Record<Measure, number | null>>;
  readonly memoryUsed: number | null;
  readonly memoryTotal: number | null;
  readonly powerLimit: number | null;
};

export function finite(value: unknown): number | null {
  const read = toNumber(value);
  return read !== undefined && Number.isFinite(read) ? read : null;
}

export const keyOf = (card: string, measure: Measure): string => `${card}.${QUANTITY[measure]}`;

const NUMBERED = new Intl.Collator("en", { numeric: true });

/** The accelerators in a system row, each kind in the order of its indices. */
export function cardsOf(row: Values): readonly Card[] {
  const measured = new Set<string>([...Object.values(QUANTITY), "memory_used_bytes"]);
  const found = new Map<string, readonly [string, string]>();
  for (const key of Object.keys(row)) {
    const [, kind, index, quantity] = DEVICE.exec(key) ?? [];
    if (kind && index && quantity && measured.has(quantity))
      found.set(`${kind}.${index}`, [kind, index]);
  }
  return [...found]
    .sort(([first], [second]) => NUMBERED.compare(first, second))
    .map(([id, [kind, index]]) => cardOf(row, id, kind, index));
}

function cardOf(row: Values, id: string, kind: string, index: string): Card {
  const read = (quantity: string): number | null => finite(row[`${id}.${quantity}`]);
  const [memoryUsed, memoryTotal] = [read("memory_used_bytes"), read("memory_total_bytes")];
  const share = memoryUsed !== null && memoryTotal ? (100 * memoryUsed) / memoryTotal : null;
  return {
    id,
    name: deviceName(kind, index),
    index: index.replace(".mig.", "."),
    now: {
      load: read(QUANTITY.load),
      memory: read(QUANTITY.memory) ?? share,
      temperature: read(QUANTITY.temperature),
      power: read(QUANTITY.power),
    },
    memoryUsed,
    memoryTotal,
    powerLimit: read("power_limit_watts"),
  };
}

/** A machine with what its newest row tells of its cards. */
export type Host = { readonly machine: Machine; readonly cards: readonly Card[] };

export type Scale = readonly [low: number, high: number];
export const PERCENT: Scale = [0, 100];
/** From a cool room to where cards slow themselves down. */
const CELSIUS: Scale = [20, 100];
const WATT_STEP = 100;

/** One scale for all cards, so that equal colours are equal values; watts end at the highest limit. */
export function scaleOf(measure: Measure, cards: readonly Card[]): Scale {
  if (measure === "temperature") return CELSIUS;
  if (measure !== "power") return PERCENT;
  const most = cards.reduce(
    (top, card) => Math.max(top, card.powerLimit ?? 0, card.now.power ?? 0),
    0,
  );
  return [0, Math.max(Math.ceil(most / WATT_STEP), 1) * WATT_STEP];
}

/** Where a value stands on a scale, 0 to 1. */
export function ratioOf(value: number, [low, high]: Scale): number {
  return Math.min(Math.max((value - low) / (high - low), 0), 1);
}

export type Paint = { readonly fill: string; readonly ink: string };
const SHADES = 64;
const hex = (part: number): string => part.toString(16).padStart(2, "0");

function ramp(dark: boolean): readonly Paint[] {
  return Array.from({ length: SHADES }, (_, step) => {
    const fill = `#${shade(step / (SHADES - 1), dark)
      .map(hex)
      .join("")}`;
    return { fill, ink: inkOn(fill) };
  });
}
const RAMPS = { light: ramp(false), dark: ramp(true) };

/** The colour of a ratio, and the one in which a number on it can be read. */
export function paintOf(ratio: number, ground: Ground): Paint {
  return RAMPS[ground][Math.round(ratio * (SHADES - 1))] ?? { fill: "", ink: "" };
}

/** The keys whose past the strips show. */
export function pastKeys(hosts: readonly Host[], measure: Measure): readonly string[] {
  const ids = new Set(hosts.flatMap(({ cards }) => cards.map(({ id }) => id)));
  return [...LEVELS, ...[...ids].sort(NUMBERED.compare).map((id) => keyOf(id, measure))];
}

/** SVG paths in a box of `WIDTH` by `HEIGHT`: the mean, and from the least to the most around it. */
export type Shape = {
  readonly line: string;
  readonly band: string;
  /** The least and the most of all; null without a sample. */
  readonly reach: Scale | null;
};
export const WIDTH = 100;
export const HEIGHT = 20;
/** So many usual distances without a sample are a gap, and never less than this many seconds. */
const GAP = { times: 3, seconds: 48 };

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Stretches without a gap, as ranges of indices. */
function stretches(x: readonly number[]): readonly (readonly [number, number])[] {
  const steps = x.slice(1).map((at, index) => at - (x[index] ?? at));
  const widest = Math.max(GAP.times * median(steps), GAP.seconds);
  const ends = steps.flatMap((step, index) => (step > widest ? [index + 1] : []));
  return [0, ...ends].map((start, part) => [start, ends[part] ?? x.length] as const);
}

export function shapeOf(
  { x, mean, lo, hi }: Pick<MachineLine, "x" | "mean" | "lo" | "hi">,
  [begin, end]: Scale,
  scale: Scale,
): Shape {
  const point = (values: readonly number[], index: number): string => {
    const across = ratioOf(x[index] ?? begin, [begin, end]) * WIDTH;
    const up = HEIGHT - ratioOf(values[index] ?? scale[0], scale) * HEIGHT;
    return `${across.toFixed(1)} ${up.toFixed(1)}`;
  };
  const parts = x.length === 0 ? [] : stretches(x);
  const run = (values: readonly number[], [from, upTo]: readonly [number, number]) =>
    Array.from({ length: upTo - from }, (_, offset) => point(values, from + offset));
  return {
    // A stretch of one point would be invisible: a line to itself has round ends.
    line: parts.map((part) => `M${run(mean, part).join("L")}h0`).join(""),
    band: parts
      .map((part) => `M${[...run(hi, part), ...run(lo, part).reverse()].join("L")}Z`)
      .join(""),
    reach: x.length === 0 ? null : [Math.min(...lo), Math.max(...hi)],
  };
}

/** A filter for the living runs that were begun on a host. The language has no escapes in quotes. */
export function livingOn(host: string): string {
  const quote = host.includes('"') ? "'" : '"';
  return `host = ${quote}${host}${quote} and status in (running, stale)`;
}
