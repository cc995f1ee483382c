import { expect, test } from "vitest";
import { layoutLineage } from "./lineage";

const EDGES = [
  { run: "p/prepare", op: "log", artifact: "dataset/a:v0" },
  { run: "p/train1", op: "use", artifact: "dataset/a:v0" },
  { run: "p/train2", op: "use", artifact: "dataset/a:v0" },
  { run: "p/train2", op: "use", artifact: "dataset/a:v0" },
  { run: "p/train2", op: "log", artifact: "model/m:v0" },
  { run: "p/judge", op: "use", artifact: "model/m:v0" },
  { run: "p/judge", op: "use", artifact: "dataset/a:v0" },
];

test("every link leads to the right, and nobody stands where another does", () => {
  const { nodes, links, columns } = layoutLineage(EDGES);
  const column = new Map(nodes.map((node) => [node.id, node.column]));
  expect(columns).toBe(5);
  expect(links).toHaveLength(6);
  for (const [from, to] of links) expect(column.get(from)).toBeLessThan(column.get(to) ?? 0);
  const places = nodes.map(({ column: at, row }) => `${at} ${row}`);
  expect(new Set(places).size).toBe(nodes.length);
});

test("a run that uses what it made is drawn once, and circles end", () => {
  const own = [
    { run: "p/r", op: "log", artifact: "t/a:v0" },
    { run: "p/r", op: "use", artifact: "t/a:v0" },
  ];
  expect(layoutLineage(own).links).toEqual([["run:p/r", "artifact:t/a:v0"]]);
  const circle = [
    { run: "p/r", op: "log", artifact: "t/a:v0" },
    { run: "p/s", op: "use", artifact: "t/a:v0" },
    { run: "p/s", op: "log", artifact: "t/b:v0" },
    { run: "p/r", op: "use", artifact: "t/b:v0" },
  ];
  expect(layoutLineage(circle).nodes).toHaveLength(4);
  expect(layoutLineage([])).toEqual({ nodes: [], links: [], columns: 0, rows: 0 });
});
