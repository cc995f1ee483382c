import { expect, test } from "vitest";
import { clockTick, durationTick } from "./axes";

test.each([
  [0, "0"],
  [45, "45s"],
  [90, "1m30"],
  [720, "12m"],
  [5400, "1h30"],
  [7200, "2h"],
  [180_000, "2d02"],
  [-30, "\u221230s"],
])("%d seconds after the start read %s", (seconds, expected) => {
  expect(durationTick(seconds)).toBe(expected);
});

test("a clock tick says no more than its distance needs", () => {
  const noon = new Date(2026, 10, 20, 12, 5, 9).getTime() / 1000;
  const midnight = new Date(2026, 10, 21).getTime() / 1000;
  expect(clockTick(noon, 5)).toBe("12:05:09");
  expect(clockTick(noon, 300)).toBe("12:05");
  expect(clockTick(noon, 86_400)).toBe("11-20");
  expect(clockTick(midnight, 3600)).toBe("11-21");
});
