import { describe, expect, test } from "vitest";
import {
  assignSlots,
  contrast,
  GROUND,
  inkOn,
  LINES,
  lineStyle,
  sequential,
  withAlpha,
} from "./palette";

const PALETTES = ["petroff", "tol"] as const;
const GROUNDS = ["light", "dark"] as const;

describe.each(PALETTES)("palette %s", (palette) => {
  test.each(GROUNDS)("every line reaches 3:1 on the %s ground", (ground) => {
    const weak = LINES[palette][ground].filter((colour) => contrast(colour, GROUND[ground]) < 3);
    expect(weak).toEqual([]);
  });

  test.each(GROUNDS)("forty runs look different on the %s ground", (ground) => {
    const count = LINES[palette][ground].length * 4;
    const looks = Array.from({ length: count }, (_, slot) =>
      JSON.stringify(lineStyle(slot, palette, ground)),
    );
    expect(new Set(looks).size).toBe(count);
  });
});

test("text on a line's colour can be read", () => {
  for (const scheme of Object.values(LINES)) {
    for (const colour of [...scheme.light, ...scheme.dark]) {
      expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test("a run keeps its slot when later runs arrive", () => {
  const ids = Array.from({ length: 35 }, (_, index) => `run-${index}`);
  const before = assignSlots(ids.slice(0, 12), 10);
  const after = assignSlots(ids, 10);
  for (const [id, slot] of before) expect(after.get(id)).toBe(slot);
});

test("no two of the first ten runs share a slot", () => {
  const ids = Array.from({ length: 10 }, (_, index) => `same-${index}`);
  expect(new Set(assignSlots(ids, 10).values()).size).toBe(10);
});

test("black on white has the largest contrast there is", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21);
});

test("alpha is written as the canvas reads it", () => {
  expect(withAlpha("#0f1216", 0.12)).toBe("rgb(15 18 22 / 0.12)");
});

test("the sequential scale starts dark, ends light and clamps", () => {
  expect(sequential(-1)).toEqual([68, 1, 84]);
  expect(sequential(2)).toEqual([253, 231, 37]);
});
