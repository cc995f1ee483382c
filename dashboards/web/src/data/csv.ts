/** CSV as spreadsheets read it; a cell that would run as a formula is quoted out. */

const FORMULA = /^[=+\-@\t\r]/u;
const NEEDS_QUOTES = /[",\n\r]/u;

function cell(value: string | number | null): string {
  if (value === null) return "";
  // A number is safe as it is; only logged text can pretend to be a formula.
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
