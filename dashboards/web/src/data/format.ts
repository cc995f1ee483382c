/** Numbers as in a paper: four significant digits, real minus signs, units said once. */

const MINUS = "\u2212";
const SIGNIFICANT = 4;
const GROUPED = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

const withMinus = (text: string): string => text.replaceAll("-", MINUS);

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : `${MINUS}Inf`;
}

function exponential(value: number): string {
  const [digits = "0", exponent = "0"] = value.toExponential(SIGNIFICANT - 1).split("e");
  const short = digits.includes(".") ? digits.replace(/\.?0+$/u, "") : digits;
  return `${short}e${exponent.replace("+", "")}`;
}

/** A measured value with four significant digits, trailing zeros kept so that columns align. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return withMinus(GROUPED.format(value));
  if (size >= 1e7 || size < 1e-4) return withMinus(exponential(value));
  if (size >= 1e4) return withMinus(GROUPED.format(value));
  return withMinus(value.toPrecision(SIGNIFICANT).replace(/\.$/u, ""));
}

/** An axis tick: as few digits as tell neighbours apart. */
export function formatTick(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6) return withMinus(compact(value));
  if (size >= 1e4) return withMinus(GROUPED.format(value));
  if (size < 1e-3) return withMinus(exponential(value));
  return withMinus(String(Number(value.toPrecision(6))));
}

function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e12) return exponential(value);
  const [unit, name] = size >= 1e9 ? [1e9, "G"] : [1e6, "M"];
  return `${Number((value / unit).toPrecision(SIGNIFICANT))}${name}`;
}

/** How a quantity is written with at least so many significant digits. */
export type Formatter = (value: number, digits?: number) => string;

const MOST_DIGITS = 7;

/** Labels for neighbouring ticks: as many digits as it takes to tell them apart. */
export function formatTicks(
  values: readonly number[],
  format: Formatter = formatTick,
): readonly string[] {
  for (let digits = 3; digits < MOST_DIGITS; digits += 1) {
    const labels = values.map((value) => format(value, digits));
    if (new Set(labels).size === values.length) return labels;
  }
  return values.map((value) => format(value, MOST_DIGITS));
}

/** Small numbers share one form: 2e−4 and 1e−3, never 2e−4 beside 0.001. */
export function formatSmallTicks(values: readonly number[]): readonly string[] {
  const largest = Math.max(...values.map(Math.abs));
  if (largest >= 0.01 || largest === 0) return formatTicks(values);
  return values.map((value) => (value === 0 ? "0" : withMinus(exponential(value))));
}

/** A count that may be large: 31,204 stays itself, 31,204,118 becomes 31.2M. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value);
  return Math.abs(value) < 1e6 ? GROUPED.format(value) : compact(Number(value.toPrecision(3)));
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in steps of 1,000. */
export function formatBytes(bytes: number, digits = 3): string {
  if (!Number.isFinite(bytes)) return nonFinite(bytes);
  const size = Math.abs(bytes);
  const step = size < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(size) / 3));
  const scaled = bytes / 1000 ** step;
  const text = step === 0 ? String(Number(scaled.toPrecision(digits))) : scaled.toPrecision(digits);
  return `${withMinus(text)} ${BYTE_UNITS[step]}`;
}

/** Seconds as the two largest units that matter: 3h 12m, 4m 05s, 12.4 s, 340 ms. */
export function formatDuration(seconds: number, digits = 3): string {
  if (!Number.isFinite(seconds)) return nonFinite(seconds);
  if (seconds < 0) return `${MINUS}${formatDuration(-seconds, digits)}`;
  if (seconds === 0) return "0 s";
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(0)} \u00b5s`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(digits))} ms`;
  if (seconds < 60) return `${Number(seconds.toPrecision(digits))} s`;
  const whole = Math.round(seconds);
  const pad = (part: number): string => String(part).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${pad(whole % 60)}s`;
  if (whole < 86_400)
    return `${Math.floor(whole / 3600)}h ${pad(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d ${pad(Math.floor((whole % 86_400) / 3600))}h`;
}

/** A ratio between 0 and 1 as a percentage with at most one decimal. */
export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio)) return nonFinite(ratio);
  const percent = ratio * 100;
  return `${Number(percent.toFixed(Math.abs(percent) < 10 ? 1 : 0))}%`;
}

/** US dollars: cents from one dollar on, three significant digits below. */
export function formatDollars(usd: number): string {
  if (!Number.isFinite(usd)) return nonFinite(usd);
  if (usd >= 1000) return `$${GROUPED.format(usd)}`;
  return usd >= 1 ? `$${usd.toFixed(2)}` : `$${Number(usd.toPrecision(3))}`;
}

/** A logged or configured value of any kind on one line. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return "\u2013";
  if (typeof value === "number") {
    return Number.isFinite(value) ? withMinus(String(value)) : nonFinite(value);
  }
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  return JSON.stringify(value);
}
