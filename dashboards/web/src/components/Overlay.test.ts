import { expect, test } from "vitest";
import { fuzzyScore } from "./Overlay";

test("letters must come in order", () => {
  expect(fuzzyScore("swift-fox-7", "sf7")).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(fuzzyScore("swift-fox-7", "7s")).toBe(Number.POSITIVE_INFINITY);
});

test("a closer match is better", () => {
  expect(fuzzyScore("train/loss", "loss")).toBeGreaterThan(fuzzyScore("loss", "loss"));
});
