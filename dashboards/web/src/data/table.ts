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

/**
 * Two tables side by side, where the cells of their keys are equal; rows that find no partner
 * stand alone. The key stands once; other columns of one name are told apart by their table.
 */
export function joinOn(
  tables: readonly [TableData, TableData],
  keys: readonly [string, string],
): TableData | null {
  const [first, second] = tables;
  const [at, other] = [first.columns.indexOf(keys[0]), second.columns.indexOf(keys[1])];
  if (at < 0 || other < 0) return null;
  const rest = second.columns.map((_, index) => index).filter((index) => index !== other);
  const partners = new Map<string, (readonly unknown[])[]>();
  for (const row of second.rows) {
    const key = JSON.stringify(row[other]);
    partners.set(key, [...(partners.get(key) ?? []), row]);
  }
  const met = new Set<string>();
  const left = first.rows.flatMap((row) => {
    const key = JSON.stringify(row[at]);
    met.add(key);
    const beside = partners.get(key) ?? [[]];
    return beside.map((one) => [...row, ...rest.map((index) => one[index] ?? null)]);
  });
  const alone = [...partners].flatMap(([key, rows]) => (met.has(key) ? [] : rows));
  const right = alone.map((row) => [
    ...first.columns.map((_, index) => (index === at ? row[other] : null)),
    ...rest.map((index) => row[index] ?? null),
  ]);
  const names = new Set(rest.map((index) => second.columns[index]));
  const twice = (name: string): boolean => first.columns.includes(name) && names.has(name);
  return {
    columns: [
      ...first.columns.map((name, index) => (index !== at && twice(name) ? `1: ${name}` : name)),
      ...rest.map((index) => {
        const name = second.columns[index] ?? "";
        return twice(name) ? `2: ${name}` : name;
      }),
    ],
    rows: [...left, ...right],
  };
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
