import { expect, test } from "vitest";
import { placesOf, tookOf, toSpans } from "./trace";

const ROOT = {
  name: "ask",
  span_kind: "CHAIN",
  start_time_ms: 1000,
  end_time_ms: 3000,
  child_spans: [
    { name: "search", span_kind: "TOOL", start_time_ms: 1000, end_time_ms: 1500 },
    {
      name: "answer",
      status_code: "ERROR",
      status_message: "too long",
      results: [{ inputs: { prompt: "?" }, outputs: null }],
      child_spans: [{ name: "retry" }, 3],
    },
  ],
};

test("spans come in order, each before its children", () => {
  const spans = toSpans(ROOT);
  expect(spans.map(({ name, depth }) => [name, depth])).toEqual([
    ["ask", 0],
    ["search", 1],
    ["answer", 1],
    ["retry", 2],
  ]);
  expect(spans[2]).toMatchObject({
    failed: true,
    message: "too long",
    results: [{ inputs: { prompt: "?" }, outputs: null }],
  });
});

test("a span has its place in the whole, or none without times", () => {
  const spans = toSpans(ROOT);
  expect(spans.map(tookOf)).toEqual([2, 0.5, null, null]);
  expect(placesOf(spans)).toEqual([{ left: 0, width: 1 }, { left: 0, width: 0.25 }, null, null]);
});

test.each([null, 3, "text", []])("%j is no trace", (root) => {
  expect(toSpans(root)).toEqual([]);
});

test("a trace as deep as a chain of a hundred thousand is read", () => {
  let root: object = { name: "last" };
  for (let depth = 0; depth < 100_000; depth += 1) root = { name: "one", child_spans: [root] };
  expect(toSpans(root).at(-1)).toMatchObject({ name: "last", depth: 100_000 });
});
