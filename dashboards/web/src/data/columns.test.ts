import { expect, test } from "vitest";
import {
  type Columns,
  clippedExtent,
  digest,
  EMPTY,
  lowerBound,
  nearest,
  undrawn,
  visibleSlice,
  xExtent,
  yExtent,
} from "./columns";

function exact(x: number[], y: number[]): Columns {
  const last = Float64Array.from(y);
  return { x: Float64Array.from(x), last, lo: last, hi: last, exact: true, nonfinite: [] };
}

function shuffledSteps(seed: number): Float64Array {
  let state = seed;
  const steps = Array.from({ length: 50 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % 100;
  });
  return Float64Array.from(steps).sort();
}

test.each([1, 7, 42])("lowerBound agrees with a linear scan (seed %d)", (seed) => {
  const xs = shuffledSteps(seed);
  for (let value = -1; value <= 101; value += 1) {
    const scan = xs.findIndex((x) => x >= value);
    expect(lowerBound(xs, value)).toBe(scan === -1 ? xs.length : scan);
  }
});

test.each([3, 11])("nearest agrees with a linear scan (seed %d)", (seed) => {
  const xs = shuffledSteps(seed);
  for (let value = -5; value <= 105; value += 0.5) {
    const found = xs[nearest(xs, value)] ?? Number.NaN;
    const best = Math.min(...xs.map((x) => Math.abs(x - value)));
    expect(Math.abs(found - value)).toBe(best);
  }
});

test("nearest says so when there is nothing", () => {
  expect(nearest(EMPTY.x, 1)).toBe(-1);
});

test("the visible slice reaches one point past each edge", () => {
  const columns = exact([0, 1, 2, 3, 4, 5], [0, 0, 0, 0, 0, 0]);
  expect(visibleSlice(columns, [2, 3])).toEqual([1, 5]);
  expect(visibleSlice(columns, [-9, 99])).toEqual([0, 6]);
});

test("extents ignore gaps and honour the range", () => {
  const columns = exact([0, 1, 2, 3], [5, Number.NaN, -1, 100]);
  expect(xExtent([columns, EMPTY])).toEqual([0, 3]);
  expect(yExtent([columns], [0, 2])).toEqual([-1, 5]);
  expect(yExtent([EMPTY], [0, 2])).toBeNull();
});

test("a log axis starts at the smallest positive value", () => {
  const columns = exact([0, 1, 2], [-1, 0.01, 10]);
  expect(yExtent([columns], [0, 2], true)).toEqual([0.01, 10]);
});

test("clipping hides one spike in a hundred and no more", () => {
  const y = Array.from({ length: 101 }, (_, index) => index);
  y[50] = 1e6;
  const extent = clippedExtent(
    [
      exact(
        y.map((_, index) => index),
        y,
      ),
    ],
    [0, 100],
  );
  expect(extent?.[1]).toBeLessThan(1000);
});

test("values that no line can show are counted by name", () => {
  const columns: Columns = {
    ...exact([0, 1, 2, 3], [0, -1, 1, 2]),
    nonfinite: [
      { x: 1, kind: "NaN" },
      { x: 9, kind: "NaN" },
      { x: 2, kind: "-Infinity" },
    ],
  };
  expect(undrawn([columns], [0, 5], true)).toEqual([
    { name: "NaN", count: 1 },
    { name: "\u2212Inf", count: 1 },
    { name: "\u2264 0", count: 2 },
  ]);
  expect(undrawn([columns], null, false)).toEqual([
    { name: "NaN", count: 2 },
    { name: "\u2212Inf", count: 1 },
  ]);
});

test("a digest names last, extremes and direction", () => {
  expect(digest(exact([0, 1, 2], [3, 1, 2]))).toEqual({
    points: 3,
    last: 2,
    min: 1,
    max: 3,
    trend: "falling",
  });
  expect(digest(exact([0], [Number.NaN]))).toBeNull();
});
