import { expect, test } from "vitest";
import { widen } from "./ranges";

test.each([
  [null, false, 0, [0, 1]],
  [[2, 4], false, 0.5, [1, 5]],
  [[0, 10], false, 0.1, [0, 11]],
  [[5, 5], false, 0.06, [4.5, 5.5]],
  [[0, 0], false, 0, [0, 1]],
  [[0, 0], false, 0.1, [0, 1]],
] as const)("%j becomes a range with room (log %s)", (range, log, padding, expected) => {
  expect(widen(range, log, padding)).toEqual(expected);
});

test("a log range never reaches zero", () => {
  expect(widen([0, 10], true, 0.06)[0]).toBeGreaterThan(0);
  expect(widen(null, true, 0)[0]).toBeGreaterThan(0);
});
