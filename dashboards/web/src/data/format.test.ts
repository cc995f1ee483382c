import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDollars,
  formatDuration,
  formatMetric,
  formatRatio,
  formatSmallTicks,
  formatTick,
  formatTicks,
  formatValue,
} from "./format";

test.each([
  [0.31214, "0.3121"],
  [0.5, "0.5000"],
  [123.456, "123.5"],
  [3e-5, "3e\u22125"],
  [-2.5, "\u22122.500"],
  [12_345, "12,345"],
  [41_234.5, "41,235"],
  [12_345_678.9, "1.235e7"],
  [0, "0"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "\u2212Inf"],
])("a metric of %d reads %s", (value, expected) => {
  expect(formatMetric(value)).toBe(expected);
});

test.each([
  [0.1 + 0.2, "0.3"],
  [20_000, "20,000"],
  [1_500_000, "1.5M"],
  [1e-5, "1e\u22125"],
  [2_000_000_000, "2G"],
])("a tick at %d reads %s", (value, expected) => {
  expect(formatTick(value)).toBe(expected);
});

test.each([
  [0.00034, "340 \u00b5s"],
  [0.34, "340 ms"],
  [12.44, "12.4 s"],
  [245, "4m 05s"],
  [11_530, "3h 12m"],
  [180_000, "2d 02h"],
])("%d seconds read %s", (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

test("neighbouring ticks get as many digits as they need", () => {
  expect(formatTicks([13.41e9, 13.42e9], formatBytes)).toEqual(["13.41 GB", "13.42 GB"]);
  expect(formatTicks([1e9, 2e9], formatBytes)).toEqual(["1.00 GB", "2.00 GB"]);
});

test("small ticks share one form", () => {
  expect(formatSmallTicks([0, 2e-4, 1e-3])).toEqual(["0", "2e\u22124", "1e\u22123"]);
  expect(formatSmallTicks([0, 0.5])).toEqual(["0", "0.5"]);
});

test("bytes, counts and ratios carry their unit", () => {
  expect(formatBytes(0)).toBe("0 B");
  expect(formatBytes(1_048_576)).toBe("1.05 MB");
  expect(formatCount(48_210)).toBe("48,210");
  expect(formatCount(31_204_118)).toBe("31.2M");
  expect(formatRatio(0.0123)).toBe("1.2%");
  expect(formatRatio(0.97)).toBe("97%");
});

test.each([
  [0, "$0"],
  [0.00213456, "$0.00213"],
  [0.5, "$0.5"],
  [12.5, "$12.50"],
  [48_210.4, "$48,210"],
])("%d dollars are %s", (usd, text) => {
  expect(formatDollars(usd)).toBe(text);
});

test("a configured value is shown as it was written", () => {
  expect(formatValue(3e-5)).toBe("0.00003");
  expect(formatValue(null)).toBe("\u2013");
  expect(formatValue(false)).toBe("false");
  expect(formatValue([1, "a"])).toBe('[1,"a"]');
});
