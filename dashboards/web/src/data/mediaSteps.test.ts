import { expect, test } from "vitest";
import { byKey, indexAt, unionSteps } from "./mediaSteps";

test("values come by key and rising step, several of a step together", () => {
  const items = [
    { key: "b", step: 2, at: 1 },
    { key: "a", step: 5, at: 2 },
    { key: "a", step: 1, at: 3 },
    { key: "a", step: 5, at: 4 },
  ];
  const found = [...byKey(items)].map(([key, list]) => [
    key,
    list.map(({ step, values }) => [step, values.map(({ at }) => at)]),
  ]);
  expect(found).toEqual([
    ["b", [[2, [1]]]],
    [
      "a",
      [
        [1, [3]],
        [5, [2, 4]],
      ],
    ],
  ]);
});

test("steps of several keys are each there once", () => {
  expect(unionSteps([[10, 2], [], [2, 3]])).toEqual([2, 3, 10]);
});

test("what stands at a step is the last that came before it, as counting says", () => {
  const steps = [0, 3, 3.5, 10];
  for (let step = -1; step <= 11; step += 0.5) {
    expect(indexAt(steps, step)).toBe(steps.filter((one) => one <= step).length - 1);
  }
  expect(indexAt(steps, null)).toBe(3);
  expect(indexAt([], 5)).toBe(-1);
});
