import { expect, test } from "vitest";
import { flatten, toNumber, valueAt } from "./flatten";

const CONFIG = { lr: 3e-4, model: { dim: 512, layers: [1, 2], "a.b": { c: 1 } }, empty: {} };

test("every leaf gets one dotted name", () => {
  expect([...flatten(CONFIG)]).toEqual([
    ["lr", 3e-4],
    ["model.dim", 512],
    ["model.layers", [1, 2]],
    ["model.a.b.c", 1],
    ["empty", {}],
  ]);
});

test("every flattened name finds its value again", () => {
  for (const [name, value] of flatten(CONFIG)) expect(valueAt(CONFIG, name)).toEqual(value);
});

test("inherited names are not data", () => {
  expect(valueAt({}, "constructor")).toBeUndefined();
  expect(valueAt({ __proto__: { x: 1 } }, "x")).toBeUndefined();
});

test("non-finite numbers come back from their text", () => {
  expect(toNumber("NaN")).toBeNaN();
  expect(toNumber("-Infinity")).toBe(Number.NEGATIVE_INFINITY);
  expect(toNumber("12")).toBeUndefined();
});
