import { expect, test } from "vitest";
import { arrange, columnWidth, isNumeric, joinOn, joinTables, toTable } from "./table";

const FILE = {
  columns: ["id", "text", "score"],
  data: [
    [1, "good", 0.5],
    [2, "bad", null],
    [10, { _type: "image-file", path: "good.png" }, 0.25],
    [3, "Good enough", null],
  ],
  _nonfinite: { "data.3.2": "-Infinity" },
};
const table = toTable(FILE) ?? { columns: [], rows: [] };
const ids = (find: string, sort: string) => arrange(table, find, sort).map(({ cells: [id] }) => id);

test("cells that JSON has no number for are numbers again", () => {
  expect(table.rows[3]?.[2]).toBe(Number.NEGATIVE_INFINITY);
  expect(toTable({ rows: [] })).toBeNull();
});

test("rows are found by any cell of text, not by the paths of media", () => {
  expect(ids("GOOD", "")).toEqual([1, 3]);
  expect(ids("0.25", "")).toEqual([10]);
});

test("numbers sort as numbers, what is missing stands last in either order", () => {
  expect(ids("", "0")).toEqual([1, 2, 3, 10]);
  expect(ids("", "2")).toEqual([3, 10, 1, 2]);
  expect(ids("", "-2")).toEqual([1, 10, 3, 2]);
  expect(ids("", "9")).toEqual([1, 2, 10, 3]);
});

test("parts of a table are one table", () => {
  expect(joinTables([table, table])?.rows).toHaveLength(8);
  expect(joinTables([])).toBeNull();
});

test("columns of numbers are told, and widths have limits", () => {
  expect([0, 1, 2].map((column) => isNumeric(table, column))).toEqual([true, false, true]);
  const long = { columns: ["a"], rows: [["x".repeat(500)]] };
  expect(columnWidth(long, 0)).toBe(320);
});

test("two tables are joined where their keys are equal", () => {
  const first = {
    columns: ["id", "text"],
    rows: [
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ],
  };
  const second = {
    columns: ["text", "of", "x"],
    rows: [
      ["A", 1, 5],
      ["AA", 1, 6],
      ["D", 4, 7],
    ],
  };
  expect(joinOn([first, second], ["id", "of"])).toEqual({
    columns: ["id", "1: text", "2: text", "x"],
    rows: [
      [1, "a", "A", 5],
      [1, "a", "AA", 6],
      [2, "b", null, null],
      [3, "c", null, null],
      [4, null, "D", 7],
    ],
    total: 5,
  });
  expect(joinOn([first, second], ["id", "id"])).toBeNull();
});

test("a join of very many rows is counted and not made", () => {
  const rows = Array.from({ length: 5_000 }, (_, index) => [index % 10, index]);
  const many = { columns: ["label", "v"], rows };
  const joined = joinOn([many, many], ["label", "label"]);
  expect([joined?.rows.length, joined?.total]).toEqual([100_000, 2_500_000]);
  expect(joined?.rows.at(-1)).toEqual([9, 199, 4_999]);
});
