import { describe, expect, test } from "vitest";
import { evaluate, type Lookup, parseFilter } from "./filter";

const RUN: Record<string, unknown> = {
  name: "swift-7",
  run_id: "k3x9qd2f",
  status: "running",
  tag: ["baseline", "7B"],
  "config.lr": 3e-5,
  "config.fp16": true,
  "summary.loss": "NaN",
};
const lookup: Lookup = (field) => RUN[field];

function answer(text: string): boolean {
  const { filter, error } = parseFilter(text);
  if (error) throw new Error(`${error.problem} at ${error.at}`);
  return filter === null || evaluate(filter, lookup);
}

describe("a filter holds", () => {
  test.each([
    "",
    "swift",
    "BASELINE",
    "status:running",
    "status = running and config.lr < 1e-4",
    "status=failed or tag:7b",
    "not status:failed",
    "config.lr in (3e-5, 1e-4)",
    "status not in (failed, crashed)",
    "(status:failed or status:running) tag=baseline",
    "name ~ ^swift-\\d",
    "summary.loss = NaN",
    "config.fp16 = true",
    "config.missing = null",
    'name = "swift-7"',
    "config.lr == 3e-5",
  ])("%s", (text) => {
    expect(answer(text)).toBe(true);
  });
});

describe("a filter fails", () => {
  test.each([
    "status:finished",
    "config.lr > 1",
    "config.missing < 1",
    "not swift",
    "name !~ swift",
    "tag != baseline",
    "summary.loss > 0",
  ])("%s", (text) => {
    expect(answer(text)).toBe(false);
  });
});

test.each([
  ["status:", 7, "value"],
  ["a and (b", 8, "bracket"],
  ["a)", 1, "bracket"],
  ['name = "open', 7, "quote"],
  ["name ~ [", 7, "pattern"],
  ["config.lr in (1", 15, "bracket"],
  ["= 3", 0, "value"],
] as const)("%j is refused at %d because of its %s", (text, at, problem) => {
  expect(parseFilter(text).error).toEqual({ at, problem });
});
