/**
 * Colours that mean data or state, and which run gets which.
 *
 * Lines: Petroff's ten (arXiv 2107.02270), lightness-clamped per ground so that each reaches
 * 3:1. States: Okabe and Ito. Alternative lines: Paul Tol's bright scheme.
 */

export type Ground = "light" | "dark";
export type PaletteName = "petroff" | "tol";

export const GROUND: Record<Ground, string> = { light: "#ffffff", dark: "#0f1216" };

const split = (text: string): readonly string[] => text.split(" ");

export const LINES: Record<PaletteName, Record<Ground, readonly string[]>> = {
  petroff: {
    light: split("#3f90da #ca8508 #bd1f01 #869694 #832db6 #a96b59 #e76300 #a09358 #717581 #569ea1"),
    dark: split("#3f90da #ffa90e #bf2205 #94a4a2 #8c38c0 #a96b59 #e76300 #b9ac70 #717581 #92dadd"),
  },
  tol: {
    light: split("#4477aa #ee6677 #228833 #9b8920 #3a9fc4 #aa3377 #8a8a8a"),
    dark: split("#5b8fc4 #ee6677 #2f9e45 #ccbb44 #66ccee #c44d92 #bbbbbb"),
  },
};

/** After the solid lines, these dash patterns (in CSS pixels) tell further rounds apart. */
export const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

export type LineStyle = { readonly colour: string; readonly dash: readonly number[] };

/** FNV-1a, 32 bits: small, stable across releases, good enough to spread run ids. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Give each id a slot: its hash decides, an earlier id keeps its slot, a later one moves on.
 *
 * Ids come oldest first, so a new run never repaints an old one, and hiding a run repaints
 * nothing. Each round of `size` ids fills all colours before the next dash pattern begins.
 */
export function assignSlots(ids: readonly string[], size: number): Map<string, number> {
  const slots = new Map<string, number>();
  let taken = new Set<number>();
  let round = 0;
  for (const id of ids) {
    if (slots.has(id)) continue;
    if (taken.size === size) {
      taken = new Set();
      round += 1;
    }
    let slot = hashText(id) % size;
    while (taken.has(slot)) slot = (slot + 1) % size;
    taken.add(slot);
    slots.set(id, round * size + slot);
  }
  return slots;
}

/** The colour and dash of a slot; after the last dash pattern the styles repeat. */
export function lineStyle(slot: number, palette: PaletteName, ground: Ground): LineStyle {
  const colours = LINES[palette][ground];
  const colour = colours[slot % colours.length] ?? "#888888";
  const dash = DASHES[Math.floor(slot / colours.length) % DASHES.length] ?? [];
  return { colour, dash };
}

type Rgb = readonly [number, number, number];

/** Red, green and blue of `#rrggbb`, 0 to 255 each. */
export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function luminance(hex: string): number {
  const [red, green, blue] = rgbOf(hex).map((part) => {
    const ratio = part / 255;
    return ratio <= 0.040_45 ? ratio / 12.92 : ((ratio + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two opaque colours, 1 to 21 (WCAG 2.2). */
export function contrast(first: string, second: string): number {
  const [low, high] = [luminance(first), luminance(second)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever can be read on a colour; one of them always reaches 4.5:1. */
export function inkOn(hex: string): string {
  return contrast(hex, "#ffffff") >= contrast(hex, "#000000") ? "#ffffff" : "#000000";
}

/** The colour with an alpha between 0 and 1, as canvas and CSS accept it. */
export function withAlpha(hex: string, alpha: number): string {
  return `rgb(${rgbOf(hex).join(" ")} / ${alpha})`;
}

// Anchors of matplotlib's viridis and cividis (CC0), 11 even steps each.
const VIRIDIS = split(
  "#440154 #482475 #414487 #355f8d #2a788e #21918c #22a884 #44bf70 #7ad151 #bddf26 #fde725",
);
const CIVIDIS = split(
  "#00224e #123570 #3b496c #575d6d #707173 #8a8678 #a59c74 #c3b369 #e1cc55 #f0d94a #fee838",
);

const mix = (from: number, to: number, share: number): number =>
  Math.round(from + (to - from) * share);

/** A colour of a sequential scale at `ratio` (0 to 1), as `[red, green, blue]` in 0..255. */
export function sequential(ratio: number, scale: "viridis" | "cividis" = "viridis"): Rgb {
  const anchors = scale === "viridis" ? VIRIDIS : CIVIDIS;
  const place = Math.min(Math.max(ratio, 0), 1) * (anchors.length - 1);
  const index = Math.min(Math.floor(place), anchors.length - 2);
  const from = rgbOf(anchors[index] ?? "#000000");
  const to = rgbOf(anchors[index + 1] ?? "#000000");
  const share = place - index;
  return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)];
}

/** On white the dense end is dark, on black it is bright: more is always further from the ground. */
export function shade(ratio: number, dark: boolean): Rgb {
  return dark ? sequential(0.12 + ratio * 0.88) : sequential(0.92 - ratio * 0.92);
}
