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

/** Two tables as one; `total` counts the rows there would be, of which `rows` are the first. */
export type JoinedRows = TableData & { readonly total: number };

/** Keys with few values join each row with very many: more are counted and not made. */
const MOST_JOINED = 100_000;

/**
 * Two tables side by side, where the cells of their keys are equal; rows that find no partner
 * stand alone. The key stands once; other columns of one name are told apart by their table.
 */
export function joinOn(
  tables: readonly [TableData, TableData],
  keys: readonly [string, string],
): JoinedRows | null {
  const [first, second] = tables;
  const [at, other] = [first.columns.indexOf(keys[0]), second.columns.indexOf(keys[1])];
  if (at < 0 || other < 0) return null;
  const rest = second.columns.map((_, index) => index).filter((index) => index !== other);
  const partners = new Map<string, (readonly unknown[])[]>();
  for (const row of second.rows) {
    const key = JSON.stringify(row[other]);
    const known = partners.get(key);
    if (known) known.push(row);
    else partners.set(key, [row]);
  }
  const rows: (readonly unknown[])[] = [];
  let total = 0;
  const add = (left: readonly unknown[], beside: readonly (readonly unknown[])[]): void => {
    const room = Math.max(MOST_JOINED - rows.length, 0);
    for (const one of beside.slice(0, room)) {
      rows.push([...left, ...rest.map((index) => one[index] ?? null)]);
    }
    total += beside.length;
  };
  const met = new Set<string>();
  for (const row of first.rows) {
    const key = JSON.stringify(row[at]);
    met.add(key);
    add(row, partners.get(key) ?? [[]]);
  }
  for (const [key, alone] of partners) {
    if (met.has(key)) continue;
    const left = first.columns.map((_, index) => (index === at ? alone[0]?.[other] : null));
    add(left, alone);
  }
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
    rows,
    total,
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
