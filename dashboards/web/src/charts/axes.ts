/** Ticks as people read them: numbers, clock times, or time since the start. */

import { formatTick } from "../data/format";

export type XKind = "number" | "time" | "duration";

const pad = (part: number): string => String(part).padStart(2, "0");

/** Clock text for a tick; `step` is the distance to the next tick, in seconds. */
export function clockTick(epoch: number, step: number): string {
  const date = new Date(epoch * 1000);
  const day = `${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  if (step >= 86_400) return day;
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  if (minutes === "00:00" && step >= 60) return day;
  return step >= 60 ? minutes : `${minutes}:${pad(date.getSeconds())}`;
}

/** Time since the start as one or two units: 45s, 12m, 1h30, 2d. */
export function durationTick(seconds: number): string {
  if (seconds === 0) return "0";
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? "\u2212" : "";
  if (size < 60) return `${sign}${Number(size.toPrecision(3))}s`;
  if (size < 3600) return `${sign}${twoUnits(size, 60, "m", 1)}`;
  return size < 86_400
    ? `${sign}${twoUnits(size, 3600, "h", 60)}`
    : `${sign}${twoUnits(size, 86_400, "d", 3600)}`;
}

function twoUnits(size: number, unit: number, name: string, minor: number): string {
  const whole = Math.floor(size / unit);
  const rest = Math.round((size % unit) / minor);
  return rest === 0 ? `${whole}${name}` : `${whole}${name}${pad(rest)}`;
}

/** Steps between ticks that divide minutes, hours and days evenly, in seconds. */
export const DURATION_STEPS: number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000,
];

export function xTick(kind: XKind, value: number, step: number): string {
  if (kind === "time") return clockTick(value, step);
  return kind === "duration" ? durationTick(value) : formatTick(value);
}
