/** Chart chrome in the colours of styles/tokens.css, read once per theme change. */

export type ChartTheme = {
  readonly ground: string;
  readonly ink: string;
  readonly inkSecond: string;
  readonly inkThird: string;
  readonly rule: string;
  readonly ruleStrong: string;
  readonly gridLine: string;
  readonly failed: string;
  readonly running: string;
  readonly stale: string;
};

export const SANS = '"Inter Variable", "PingFang SC", "Noto Sans CJK SC", system-ui, sans-serif';
export const AXIS_FONT = `11px ${SANS}`;
export const LABEL_FONT = `500 11px ${SANS}`;

export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ground: read("--ground"),
    ink: read("--ink"),
    inkSecond: read("--ink-2"),
    inkThird: read("--ink-3"),
    rule: read("--rule"),
    ruleStrong: read("--rule-strong"),
    gridLine: read("--grid-line"),
    failed: read("--state-failed"),
    running: read("--state-running"),
    stale: read("--state-stale"),
  };
}
