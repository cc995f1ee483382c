/** Traces of a program: a tree of spans, told in the order in which they lie. */

export type Span = {
  readonly depth: number;
  readonly name: string;
  /** `LLM`, `CHAIN`, `AGENT`, `TOOL`, or nothing. */
  readonly kind: string;
  readonly failed: boolean;
  readonly message: string;
  /** Seconds since 1970; null where nobody noted it. */
  readonly start: number | null;
  readonly end: number | null;
  /** What went in and came out, once for each time that it was noted. */
  readonly results: readonly Result[];
  readonly attributes: unknown;
};

export type Result = { readonly inputs: unknown; readonly outputs: unknown };

type Fields = { readonly [name: string]: unknown };

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const secondsOf = (value: unknown): number | null =>
  typeof value === "number" ? value / 1000 : null;

/** Read a root span: it and all below it, each before its children. */
export function toSpans(root: unknown): readonly Span[] {
  const spans: Span[] = [];
  // A list instead of calls: a trace may be deeper than the stack.
  const waiting: (readonly [unknown, number])[] = [[root, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [value, depth] = next;
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    const fields = fieldsOf(value);
    spans.push(spanOf(fields, depth));
    for (const child of listOf(fields["child_spans"]).toReversed()) {
      waiting.push([child, depth + 1]);
    }
  }
  return spans;
}

function spanOf(fields: Fields, depth: number): Span {
  return {
    depth,
    name: textOf(fields["name"]),
    kind: textOf(fields["span_kind"]),
    failed: fields["status_code"] === "ERROR",
    message: textOf(fields["status_message"]),
    start: secondsOf(fields["start_time_ms"]),
    end: secondsOf(fields["end_time_ms"]),
    results: listOf(fields["results"]).map((result) => {
      const { inputs = null, outputs = null } = fieldsOf(result);
      return { inputs, outputs };
    }),
    attributes: fields["attributes"] ?? null,
  };
}

/** How long a span took, in seconds. */
export const tookOf = ({ start, end }: Span): number | null =>
  start !== null && end !== null ? end - start : null;

export type Place = { readonly left: number; readonly width: number };

/** Where each span lies in the whole of them, in shares of it; null for one without times. */
export function placesOf(spans: readonly Span[]): readonly (Place | null)[] {
  const times = spans.flatMap(({ start, end }) => [start, end]).filter((time) => time !== null);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) [low, high] = [Math.min(low, time), Math.max(high, time)];
  const whole = high - low || 1;
  return spans.map((span) => {
    const took = tookOf(span);
    if (took === null || span.start === null) return null;
    return { left: (span.start - low) / whole, width: Math.max(took, 0) / whole };
  });
}
