import { expect, test } from "vitest";
import { formatMoment, formatStamp } from "./time";

const NOON = new Date(2026, 10, 20, 12, 5, 9, 7);

test("times sort as they read", () => {
  expect(formatStamp(NOON.getTime())).toBe("2026-11-20 12:05:09");
  expect(formatMoment(NOON.toISOString())).toBe("11-20 12:05:09");
  expect(formatMoment(NOON.toISOString(), true)).toBe("11-20 12:05:09.007");
});

test.each([null, "soon"])("%j is no time", (time) => {
  expect(formatStamp(time)).toBe("");
  expect(formatMoment(time)).toBe("");
});
