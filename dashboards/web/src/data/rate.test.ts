import { expect, test } from "vitest";
import { toRate } from "./rate";

test("a counter becomes a rate, and a reset becomes a gap", () => {
  const last = Float64Array.from([0, 10, 30, 5]);
  const rate = toRate({
    x: Float64Array.from([0, 2, 4, 6]),
    last,
    lo: last,
    hi: last,
    exact: true,
    nonfinite: [],
  });
  expect([...rate.x]).toEqual([2, 4, 6]);
  expect([...rate.last]).toEqual([5, 10, Number.NaN]);
});

test("one sample has no rate", () => {
  const last = Float64Array.from([7]);
  expect(toRate({ x: last, last, lo: last, hi: last, exact: true, nonfinite: [] }).x).toHaveLength(
    0,
  );
});
