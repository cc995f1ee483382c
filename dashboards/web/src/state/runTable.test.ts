import { expect, test } from "vitest";
import type { Run } from "../api/types";
import { parseFilter } from "../data/filter";
import {
  brokenMetrics,
  differingConfig,
  drawnRuns,
  filterRuns,
  runSlots,
  seriesBehind,
  sortRuns,
  tellingMetrics,
} from "./runTable";

function run(id: string, patch: Partial<Run> = {}): Run {
  return {
    run: `p/${id}`,
    run_id: id,
    project: "p",
    name: id,
    status: "finished",
    created_at: null,
    updated_at: null,
    ended_at: null,
    duration_s: null,
    tags: [],
    notes: null,
    group: null,
    job_type: null,
    host: null,
    pid: null,
    program: null,
    git_commit: null,
    python_version: null,
    exit_code: null,
    step: null,
    config: {},
    summary: {},
    writers: 1,
    bad_lines: null,
    gaps: null,
    checkpoints: null,
    llm_calls: null,
    stalled: false,
    silent_s: null,
    ...patch,
  };
}

const ids = (runs: readonly Run[]): string[] => runs.map(({ run_id }) => run_id);

const RUNS = [
  run("a", { summary: { loss: 2 }, config: { lr: 1e-3, seed: 1 }, tags: ["old"] }),
  run("b", { summary: { loss: 10 }, config: { lr: 1e-4, seed: 1 } }),
  run("c", { summary: { loss: "NaN" }, config: { lr: 1e-4, seed: 1 } }),
  run("d", { status: "failed" }),
];

test.each([
  ["summary.loss", ["a", "b", "c", "d"]],
  ["-summary.loss", ["b", "a", "c", "d"]],
  ["-name", ["d", "c", "b", "a"]],
])("sorting by %s puts runs without a number last", (sort, expected) => {
  expect(ids(sortRuns(RUNS, sort))).toEqual(expected);
});

test.each([
  ["config.lr < 5e-4", ["b", "c"]],
  ["tag:old or status:failed", ["a", "d"]],
  ["loss > 5", ["b"]],
])("the filter %j keeps %j", (text, expected) => {
  expect(ids(filterRuns(RUNS, parseFilter(text).filter))).toEqual(expected);
});

test("columns choose themselves by what people judge runs by", () => {
  const summary = { z: 1, "train/acc": 0.5, "train/loss": 1, "val/loss": 2 };
  expect(tellingMetrics([run("a", { summary })], 3)).toEqual([
    "val/loss",
    "train/loss",
    "train/acc",
  ]);
  expect(differingConfig(RUNS, 5)).toEqual(["lr"]);
});

test("a new run never repaints an old one", () => {
  const old = Array.from({ length: 6 }, (_, index) =>
    run(`r${index}`, { created_at: `2026-01-0${index + 1}` }),
  );
  const before = runSlots(old, 10);
  const after = runSlots([run("new", { created_at: "2026-02-01" }), ...old], 10);
  for (const [id, slot] of before) expect(after.get(id)).toBe(slot);
});

test("hiding a run draws no other one in its place", () => {
  const many = Array.from({ length: 14 }, (_, index) => run(`r${index}`));
  expect(ids(drawnRuns(many, ["r12"], ["r3"]))).toEqual([
    "r0",
    "r1",
    "r2",
    "r4",
    "r5",
    "r6",
    "r7",
    "r12",
  ]);
});

test("values that should be numbers are found", () => {
  expect(RUNS.map(brokenMetrics)).toEqual([[], [], ["loss"], []]);
});

test("finds the series behind an aggregate", () => {
  expect(["val/loss.min", "a.b.mean", "loss", "x.minimum"].map(seriesBehind)).toEqual([
    "val/loss",
    "a.b",
    "loss",
    "x.minimum",
  ]);
});
