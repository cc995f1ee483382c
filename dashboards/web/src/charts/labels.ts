/** Where the names at the line ends stand: each near its line, none over another. */

export type EndLabel = { readonly id: string; readonly wanted: number };

/**
 * Move labels apart until neighbours are `gap` away, inside `[top, bottom]`, keeping their order.
 *
 * One pass down and one pass up: labels that do not fit are pushed as little as possible.
 */
export function spreadLabels(
  labels: readonly EndLabel[],
  gap: number,
  top: number,
  bottom: number,
): Map<string, number> {
  const sorted = [...labels].sort((a, b) => a.wanted - b.wanted);
  const places: number[] = [];
  let free = top;
  for (const { wanted } of sorted) {
    const place = Math.max(wanted, free);
    places.push(place);
    free = place + gap;
  }
  let limit = bottom;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    const place = Math.min(places[index] ?? limit, limit);
    places[index] = place;
    limit = place - gap;
  }
  return new Map(sorted.map(({ id }, index) => [id, places[index] ?? top]));
}

/** Shorten text to `width` by cutting its middle: run names differ at both ends. */
export function elide(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  for (let keep = text.length - 1; keep > 2; keep -= 1) {
    const head = Math.ceil(keep / 2);
    const short = `${text.slice(0, head)}\u2026${text.slice(text.length - (keep - head))}`;
    if (measure(short) <= width) return short;
  }
  return `${text.slice(0, 1)}\u2026`;
}
