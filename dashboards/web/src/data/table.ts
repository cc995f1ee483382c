/** Logged tables: read, searched and sorted in the browser. */

import { formatMetric, formatValue } from "./format";
import { isMedium } from "./media";

export type TableData = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
};

/** A row with its place in the table, which names it whatever the order. */
export type TableRow = { readonly index: number; readonly cells: readonly unknown[] };

const WORDS: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Read the file of a table; what JSON has no number for is told beside the cells. */
export function toTable(file: unknown): TableData | null {
  if (typeof file !== "object" || file === null) return null;
  const { columns, data, _nonfinite: told } = file as Record<string, unknown>;
  if (!Array.isArray(columns) || !Array.isArray(data)) return null;
  const rows = data.map((row: unknown): unknown[] => (Array.isArray(row) ? [...row] : [row]));
  for (const [path, word] of Object.entries(told ?? {})) {
    const [, row, column] = /^data\.(\d+)\.(\d+)$/u.exec(path) ?? [];
    const cells = rows[Number(row)];
    if (cells && column !== undefined) cells[Number(column)] = WORDS.get(String(word)) ?? word;
  }
  return { columns: columns.map(String), rows };
}

/** Parts of one table, in order, as the table they are. */
export function joinTables(parts: readonly TableData[]): TableData | null {
  const [first] = parts;
  return first ? { columns: first.columns, rows: parts.flatMap(({ rows }) => rows) } : null;
}

const found = (cell: unknown, wanted: string): boolean =>
  !isMedium(cell) && formatValue(cell).toLowerCase().includes(wanted);

/** Rows with a cell that holds the text, by the column `sort` names: its index, `-` for downwards. */
export function arrange(table: TableData, find: string, sort: string): readonly TableRow[] {
  const wanted = find.trim().toLowerCase();
  const rows = table.rows
    .map((cells, index) => ({ index, cells }))
    .filter(({ cells }) => wanted === "" || cells.some((cell) => found(cell, wanted)));
  const column = Number(sort.replace(/^-/u, ""));
  if (sort === "" || !(column < table.columns.length)) return rows;
  const sign = sort.startsWith("-") ? -1 : 1;
  return rows.sort((a, b) => {
    const [first, second] = [a.cells[column], b.cells[column]];
    const missing = Number(isMissing(first)) - Number(isMissing(second));
    // What is missing stands last in either order.
    return missing || sign * compareCells(first, second) || a.index - b.index;
  });
}

const isMissing = (cell: unknown): boolean =>
  cell === null || cell === undefined || Number.isNaN(cell);

function compareCells(first: unknown, second: unknown): number {
  if (isMissing(first)) return 0;
  if (typeof first === "number" && typeof second === "number") return first - second;
  return formatValue(first).localeCompare(formatValue(second), undefined, { numeric: true });
}

/** Columns of numbers stand on the right; a look at the first rows is enough. */
export function isNumeric(table: TableData, column: number): boolean {
  const cells = table.rows.slice(0, 100).map((row) => row[column]);
  return cells.some((cell) => typeof cell === "number") && cells.every(isNumber);
}

const isNumber = (cell: unknown): boolean => typeof cell === "number" || isMissing(cell);

/** What a cell shows: numbers as everywhere here, all else as it was logged. */
export const cellText = (cell: unknown): string =>
  typeof cell === "number" ? formatMetric(cell) : formatValue(cell);

/** Pixels that show most of a column: its name and the longest of its first texts, within limits. */
export function columnWidth(table: TableData, column: number): number {
  const texts = [table.columns[column] ?? ""];
  for (const row of table.rows.slice(0, 50)) {
    const cell = row[column];
    if (!isMedium(cell)) texts.push(cellText(cell));
  }
  const letters = Math.max(...texts.map(({ length }) => length));
  return Math.min(Math.max(letters * 7.5 + 28, 72), 320);
}
