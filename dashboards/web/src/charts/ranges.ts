/** Ranges of axes, and the one limit that panels and plots share. */

import type { Range } from "../data/columns";

/** Names stand at the line ends up to so many lines; beyond, a legend does it. */
export const DIRECT_LABELS = 8;

/** How far a log axis reaches down when its data do not say. */
const LOG_SPAN = 1e6;

/** A range with room around it; one value gets a window, nothing gets the unit window. */
export function widen(range: Range | null, log: boolean, padding: number): Range {
  if (range === null) return log ? [0.1, 1] : [0, 1];
  const [low, high] = range;
  if (log) {
    // Nothing positive is known of the low end: six decades below the top are enough to look at.
    const floor = low > 0 ? low : high / LOG_SPAN;
    if (floor >= high) return [floor / 2, floor * 2];
    const factor = (high / floor) ** padding;
    return [floor / factor, high * factor];
  }
  if (low === high) {
    const room = Math.abs(low) * 0.1 || 1;
    return padding === 0 || low === 0 ? [low, low + 1] : [low - room, low + room];
  }
  const room = (high - low) * padding;
  // An axis that starts at nought stays there: shares and counts have a true floor.
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}
