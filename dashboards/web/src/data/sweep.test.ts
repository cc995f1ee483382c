import { expect, test } from "vitest";
import { numberAxis } from "./axis";
import { bestSoFar, goodness, isBrushed, parameterAxis, parseBrushes, printBrushes } from "./sweep";

test("the best so far never gets worse, and passes over what was not measured", () => {
  expect(bestSoFar([null, 3, 5, null, 2], "minimize")).toEqual([null, 3, 3, 3, 2]);
  expect(bestSoFar([null, 3, 5, null, 2], "maximize")).toEqual([null, 3, 5, 5, 5]);
});

const searched = (kind: string, fields: Record<string, unknown>, tried: readonly unknown[] = []) =>
  parameterAxis({ name: "x", kind, fields }, tried);

test("a parameter's axis is as wide as what is searched, in the way it is drawn", () => {
  expect(searched("uniform", { min: 0, max: 2 })).toMatchObject({ kind: "linear", high: 2 });
  expect(searched("q_log_uniform_values", { min: 1e-4, max: 1, q: 1e-4 })).toMatchObject({
    kind: "log",
    low: 1e-4,
    high: 1,
  });
  expect(searched("log_uniform", { min: 0, max: 1 })).toMatchObject({ low: 1, high: Math.E });
  expect(searched("inv_log_uniform", { min: 0, max: 1 })).toMatchObject({ low: 1 / Math.E });
  expect(searched("beta", { a: 1, b: 2 })).toMatchObject({ low: 0, high: 1 });
  expect(searched("normal", { mu: 0, sigma: 1 }, [-2, 1])).toMatchObject({ low: -2, high: 1 });
  expect(searched("categorical", { values: ["b", "a"] }).names).toEqual(["b", "a"]);
  expect(searched("normal", { mu: 0, sigma: 1 }, ["***"]).names).toEqual(["***"]);
});

test("the best end of the metric is 1, whichever it is", () => {
  const axis = numberAxis(0, 4);
  expect([goodness(axis, 1, "minimize"), goodness(axis, 1, "maximize")]).toEqual([0.75, 0.25]);
});

test("brushes travel in a link, and what is none is left out", () => {
  const brushes = new Map([
    ["model:lr", [0.001, 0.1]],
    ["act", [-0.5, 1.5]],
  ] as const);
  expect(parseBrushes(printBrushes(brushes))).toEqual(brushes);
  expect(parseBrushes(["lr", "lr:2~1", "lr:a~b", ":1~2", "lr:1"])).toEqual(new Map());
});

test("a trial is kept that lies in each brush; one without a value lies in none", () => {
  const axes = [{ ...numberAxis(0, 10), name: "lr" }];
  const kept = (lr: unknown, low: number): boolean =>
    isBrushed(axes, new Map([["lr", [low, 5]]]), () => lr);
  expect([kept(3, 1), kept(3, 4), kept(undefined, 1)]).toEqual([true, false, false]);
  expect(isBrushed(axes, new Map(), () => undefined)).toBe(true);
});
