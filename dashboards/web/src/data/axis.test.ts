import { expect, test } from "vitest";
import {
  axisAround,
  nameAxis,
  numberAxis,
  shareOf,
  tellSpan,
  ticksOf,
  unitAt,
  unitOf,
} from "./axis";

const AXES = [
  numberAxis(-3, 7),
  numberAxis(0, 0.02),
  numberAxis(1e-5, 10, true),
  numberAxis(2, 2),
  nameAxis(["adam", "sgd", "lion"]),
];

test.each(AXES)("a share of an axis is turned back", (axis) => {
  for (let share = 0; share <= 1; share += 0.125)
    expect(shareOf(axis, unitAt(axis, share))).toBeCloseTo(share, 9);
});

test.each(AXES)("ticks stand where their texts say, in order and within the axis", (axis) => {
  const ticks = ticksOf(axis, 6);
  const shares = ticks.map(({ share }) => share);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
  expect(ticks.length).toBeGreaterThan(0);
  expect(ticks.length).toBeLessThanOrEqual(7);
  for (const { share, text } of ticks) {
    const unit = axis.kind === "names" ? unitOf(axis, text) : Number(text.replace("\u2212", "-"));
    expect(shareOf(axis, unit)).toBeCloseTo(share, 6);
  }
});

test("orders of magnitude are as long as each other, and their ticks are powers of ten", () => {
  const axis = numberAxis(1e-4, 1, true);
  expect(shareOf(axis, 1e-3) - shareOf(axis, 1e-4)).toBeCloseTo(0.25);
  const texts = ticksOf(axis, 6).map(({ text }) => text);
  expect(texts).toEqual(["1e\u22124", "0.001", "0.01", "0.1", "1"]);
});

test("names have places of their own: numbers by size, each value once", () => {
  const axis = nameAxis([8, 2, 4, 2]);
  expect(axis.names).toEqual(["2", "4", "8"]);
  expect([2, 8, 3].map((value) => unitOf(axis, value))).toEqual([0, 2, Number.NaN]);
  expect(tellSpan(axis, [0.5, 2.5])).toBe("4, 8");
});

test("values over many orders of magnitude get an axis by these, others an even one", () => {
  expect(axisAround([1, 2, Number.NaN, 5])).toMatchObject({ kind: "linear", low: 1, high: 5 });
  expect(axisAround([0.001, 900])).toMatchObject({ kind: "log", low: 0.001, high: 900 });
  expect(axisAround([-1, 1e6]).kind).toBe("linear");
  expect(axisAround([])).toMatchObject({ low: 0, high: 1 });
});
