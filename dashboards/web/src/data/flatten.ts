/** Nested configuration becomes dotted names; logged names stay data and never become paths. */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `{"model": {"dim": 4}}` gives `model.dim → 4`. Lists and empty records are values. */
export function flatten(record: Record<string, unknown>, prefix = ""): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(record)) {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (isRecord(value) && Object.keys(value).length > 0) {
      for (const [inner, leaf] of flatten(value, name)) flat.set(inner, leaf);
    } else flat.set(name, value);
  }
  return flat;
}

/** The value at a dotted name, trying the literal key first: logged keys may hold dots. */
export function valueAt(record: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const head = name.slice(0, dot);
    const inner = Object.hasOwn(record, head) ? record[head] : undefined;
    if (isRecord(inner)) {
      const found = valueAt(inner, name.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A number as the API writes it: non-finite values come as text. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  return value === "-Infinity" ? Number.NEGATIVE_INFINITY : undefined;
}
