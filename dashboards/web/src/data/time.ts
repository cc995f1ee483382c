/** Clock times in one form for every language: they sort as they read. */

const pad = (part: number, length = 2): string => String(part).padStart(length, "0");

function day(date: Date): string {
  return `${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

function clock(date: Date): string {
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Local date and time, `2026-11-20 17:40:09`; empty for no time. */
export function formatStamp(time: string | number | null): string {
  if (time === null) return "";
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : `${date.getFullYear()}-${day(date)} ${clock(date)}`;
}

/** The same without the year, with milliseconds on request: what a column of times needs. */
export function formatMoment(time: string | null, milliseconds = false): string {
  if (time === null) return "";
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "";
  return `${day(date)} ${clock(date)}${milliseconds ? `.${pad(date.getMilliseconds(), 3)}` : ""}`;
}
