import { expect, test } from "vitest";
import { densities, histogramBounds, toHistogram } from "./histogram";

test("counts and edges make a histogram", () => {
  expect(toHistogram({ _type: "histogram", values: [1, 2], bins: [0, 1, 2] })).toEqual({
    counts: [1, 2],
    edges: [0, 1, 2],
  });
});

test("even bins may be packed", () => {
  const packed = { values: [1, 2, 3], packedBins: { min: 0, size: 0.5, count: 3 } };
  expect(toHistogram(packed)?.edges).toEqual([0, 0.5, 1, 1.5]);
});

test.each([null, "x", { values: [1], bins: [0] }, { values: ["a"], bins: [0, 1] }, {}])(
  "%j is no histogram",
  (value) => {
    expect(toHistogram(value)).toBeNull();
  },
);

test("densities integrate to one, whatever the bins", () => {
  const histogram = { counts: [1, 3, 4], edges: [0, 0.1, 1, 5] };
  const area = densities(histogram).reduce(
    (sum, density, index) =>
      sum + density * ((histogram.edges[index + 1] ?? 0) - (histogram.edges[index] ?? 0)),
    0,
  );
  expect(area).toBeCloseTo(1);
});

test("bounds cover every histogram", () => {
  const bounds = histogramBounds([
    { counts: [1], edges: [0, 1] },
    { counts: [1], edges: [-2, 0] },
  ]);
  expect([bounds.low, bounds.high]).toEqual([-2, 1]);
});
