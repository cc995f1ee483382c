import { expect, test } from "vitest";
import { importance, LEAST_TRIALS, ranks } from "./importance";

/** Numbers between 0 and 1 that look like chance, the same ones each time. */
function chance(count: number, seed: number): readonly number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  });
}

const N = 60;
const cause = chance(N, 1);
const noise = chance(N, 2);
const name = cause.map((value) => (value > 0.5 ? "big" : "small"));

test("what decides alone comes first, also where it goes up and down", () => {
  const metric = cause.map((value, index) => (value - 0.5) ** 2 + 0.01 * (noise[index] ?? 0));
  const found = importance(
    [
      { name: "noise", values: noise },
      { name: "cause", values: cause },
    ],
    metric,
  );
  expect(found.map((one) => one.name)).toEqual(["cause", "noise"]);
  expect(found[0]?.share).toBeGreaterThan(0.7);
  expect(found[1]?.share).toBeLessThan(0.1);
  expect(Math.abs(found[0]?.correlation ?? 1)).toBeLessThan(0.4);
});

test("names are groups and have no direction; one trial that diverged decides nothing", () => {
  const metric = name.map((value, index) => (value === "big" ? 2 : 1) + (noise[index] ?? 0));
  const [found] = importance([{ name: "name", values: name }], metric);
  const [again] = importance([{ name: "name", values: name }], [...metric.slice(0, -1), 1e30]);
  expect(found?.share).toBeGreaterThan(0.5);
  expect(found?.correlation).toBeNull();
  expect(again?.share).toBeGreaterThan(0.45);
});

test("groups that cannot differ explain just what they do: epsilon squared by hand", () => {
  // Ranks 0 to 5; groups {0, 1, 2} and {3, 4, 5}: 13.5 of 17.5 between them, 1 by chance.
  const values = ["a", "a", "a", "b", "b", "b"];
  const [found] = importance([{ name: "x", values }], [1, 2, 3, 40, 50, 60]);
  expect(found?.share).toBeCloseTo((13.5 - 4 / 4) / 17.5, 12);
});

test("a correlation is that of the ranks", () => {
  const values = [1, 2, 3, 4, 5, 100];
  const of = (metric: readonly number[]) => importance([{ name: "x", values }], metric)[0];
  expect(of([1, 4, 9, 16, 25, 36])?.correlation).toBeCloseTo(1, 12);
  expect(of([6, 5, 4, 3, 2, 1])?.correlation).toBeCloseTo(-1, 12);
  expect(of([2, 1, 4, 3, 6, 5])?.correlation).toBeCloseTo(1 - (6 * 6) / (6 * 35), 12);
});

test("too few trials, or values that never or always differ, tell nothing", () => {
  const few = Array.from({ length: LEAST_TRIALS - 1 }, (_, index) => index);
  expect(importance([{ name: "x", values: few }], few)[0]?.share).toBeNull();
  const metric = [...few, 9];
  for (const values of [metric.map(() => 1), metric.map((value) => `own ${value}`)])
    expect(importance([{ name: "x", values }], metric)[0]?.share).toBeNull();
});

test("equal values share the mean of their ranks", () => {
  expect(ranks([5, 1, 5, 3])).toEqual([2.5, 0, 2.5, 1]);
});
