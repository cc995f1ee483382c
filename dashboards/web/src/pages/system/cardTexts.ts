/** Cards and machines in words: what a tooltip shows and a screen reader says. */

import type { Machine } from "../../api/types";
import { formatBytes } from "../../data/format";
import type { Texts } from "../../locales/useText";
import { type Card, formatMeasure, MEASURES, type Measure, type Shape } from "./machines";

type Words = Texts["system"]["machines"];

const NOTHING = "\u2013";

/** A measure of a card as a whole: what is used, and of how much. */
export function measureText(card: Card, measure: Measure, t: Words): string {
  const value = card.now[measure];
  if (value === null) return NOTHING;
  const text = formatMeasure(measure, value);
  if (measure === "power" && card.powerLimit !== null)
    return t.of(text, formatMeasure("power", card.powerLimit));
  if (measure === "memory" && card.memoryUsed !== null && card.memoryTotal !== null)
    return `${text} · ${t.of(formatBytes(card.memoryUsed), formatBytes(card.memoryTotal))}`;
  return text;
}

export function cardText(card: Card, t: Words): readonly string[] {
  return MEASURES.map((measure) => `${t.measures[measure]} ${measureText(card, measure, t)}`);
}

/** Between which values it was in the window of the strips. */
export function pastText(shape: Shape, measure: Measure, t: Words): string {
  if (!shape.reach) return t.noPast;
  const [least, most] = shape.reach;
  return t.past(formatMeasure(measure, least), formatMeasure(measure, most));
}

/** `now` is in epoch seconds. */
export function silentText({ last_seen }: Machine, now: number, t: Texts): string {
  const heard = last_seen === null ? null : t.ago(now - Date.parse(last_seen) / 1000);
  return t.system.machines.silent(heard);
}
