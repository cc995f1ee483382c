import { expect, test } from "vitest";
import type { SweepTrial } from "../../api/types";
import { bestFirst, sorted, tookOf } from "./order";

const trial = (number: number, more: Partial<SweepTrial> = {}): SweepTrial => ({
  number,
  run: `p/${number}`,
  state: "finished",
  value: null,
  parameters: {},
  exit_code: 0,
  began_at: null,
  ended_at: null,
  ...more,
});
const order = (trials: readonly SweepTrial[], by: string): readonly number[] =>
  sorted(trials, by, 0).map(({ number }) => number);

test("the best trial comes first, and what has no value last, either way", () => {
  const trials = [trial(0, { value: 3 }), trial(1), trial(2, { value: 1 })];
  expect(order(trials, "value")).toEqual([2, 0, 1]);
  expect(order(trials, "-value")).toEqual([0, 2, 1]);
  const metric = { name: "acc", target: null };
  expect(bestFirst({ ...metric, goal: "maximize" })).toBe("-value");
  expect(bestFirst({ ...metric, goal: "minimize" })).toBe("value");
  expect(bestFirst(null)).toBe("number");
});

test("parameters are ordered by size, or by what they are called", () => {
  const tried = (number: number, lr: unknown) => trial(number, { parameters: { lr } });
  expect(order([tried(0, 10), tried(1, 9), tried(2, 1e-3)], "p:lr")).toEqual([2, 1, 0]);
  expect(order([tried(0, "sgd"), tried(1, "adam")], "-p:lr")).toEqual([0, 1]);
});

test("a trial takes from its claim to its result, or until now while it runs", () => {
  const began_at = "2026-11-22T10:00:00.000000Z";
  const now = Date.parse(began_at) / 1000 + 90;
  const ended_at = "2026-11-22T10:00:30.500000Z";
  expect(tookOf(trial(0, { began_at, ended_at }), now)).toBe(30.5);
  expect(tookOf(trial(0, { began_at, state: "running" }), now)).toBe(90);
  expect(tookOf(trial(0, { began_at, state: "failed" }), now)).toBeNull();
});
