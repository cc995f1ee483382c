/** Which runs a table shows, in which order, with which columns. */

import type { Run } from "../api/types";
import { evaluate, type Filter, type Lookup } from "../data/filter";
import { flatten, toNumber, valueAt } from "../data/flatten";
import { assignSlots } from "../data/palette";

const FIELDS: ReadonlyMap<string, keyof Run> = new Map<string, keyof Run>([
  ["tag", "tags"],
  ["created", "created_at"],
  ["updated", "updated_at"],
  ["ended", "ended_at"],
  ["duration", "duration_s"],
  ["commit", "git_commit"],
  ["id", "run_id"],
]);

/** What a run says under a field of the filter language. */
export function lookupRun(run: Run): Lookup {
  return (field) => {
    if (field.startsWith("config.")) return valueAt(run.config, field.slice("config.".length));
    if (field.startsWith("summary.")) return valueAt(run.summary, field.slice("summary.".length));
    const own = FIELDS.get(field) ?? field;
    if (Object.hasOwn(run, own)) return (run as unknown as Record<string, unknown>)[own];
    // A bare metric name means its last value.
    return valueAt(run.summary, field) ?? valueAt(run.config, field);
  };
}

export function filterRuns(runs: readonly Run[], filter: Filter | null): readonly Run[] {
  return filter === null ? runs : runs.filter((run) => evaluate(filter, lookupRun(run)));
}

const TEXT = new Intl.Collator("en", { numeric: true });

/** Order by one field, `-` in front for descending; runs without it come last either way. */
export function sortRuns(runs: readonly Run[], sort: string): readonly Run[] {
  const down = sort.startsWith("-");
  const field = down ? sort.slice(1) : sort;
  const sign = down ? -1 : 1;
  const keyed = runs.map((run) => {
    const value = lookupRun(run)(field);
    const number = toNumber(value);
    const empty = value === undefined || value === null || Number.isNaN(number ?? 0);
    return { run, number, text: empty ? "" : String(value), empty };
  });
  keyed.sort((a, b) => {
    if (a.empty || b.empty) return Number(a.empty) - Number(b.empty);
    if (a.number !== undefined && b.number !== undefined) return sign * (a.number - b.number);
    return sign * TEXT.compare(a.text, b.text);
  });
  return keyed.map(({ run }) => run);
}

export type FieldNames = {
  readonly config: readonly string[];
  readonly summary: readonly string[];
};

/** All config and summary names of the runs, those that most runs have first. */
export function fieldNames(runs: readonly Run[]): FieldNames {
  const config = new Map<string, number>();
  const summary = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string): void =>
    void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const run of runs) {
    for (const name of flatten(run.config).keys()) count(config, name);
    for (const [name, value] of Object.entries(run.summary)) {
      if (!name.startsWith("_") && (value === null || typeof value !== "object"))
        count(summary, name);
    }
  }
  const names = (counts: Map<string, number>): string[] =>
    [...counts].sort((a, b) => b[1] - a[1] || TEXT.compare(a[0], b[0])).map(([name]) => name);
  return { config: names(config), summary: names(summary) };
}

/** Names that people judge runs by, best first. */
const TELLING = [
  /^(val|valid|eval)[/_.]?.*loss/iu,
  /loss/iu,
  /(acc|accuracy|f1|auc|score|reward)/iu,
  /(ppl|perplexity|bleu|rouge)/iu,
];

const rankOf = (name: string): number => {
  const rank = TELLING.findIndex((pattern) => pattern.test(name));
  return rank === -1 ? TELLING.length : rank;
};

/** The summary values worth a column when nobody has chosen. */
export function tellingMetrics(runs: readonly Run[], limit: number): readonly string[] {
  const numeric = fieldNames(runs).summary.filter((name) =>
    runs.some((run) => typeof run.summary[name] === "number"),
  );
  return numeric
    .map((name, index) => ({ name, rank: rankOf(name), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, limit)
    .map(({ name }) => name);
}

/** The series behind a summary value: `val/loss.min` is the least of the series `val/loss`. */
export function seriesBehind(metric: string): string {
  return metric.replace(/\.(?:best|first|last|max|mean|min)$/, "");
}

/** The config values that tell these runs apart. */
export function differingConfig(runs: readonly Run[], limit: number): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const run of runs.slice(0, 500)) {
    for (const [name, value] of flatten(run.config)) {
      const seen = values.get(name) ?? new Set<string>();
      values.set(name, seen.add(JSON.stringify(value)));
    }
  }
  return [...values]
    .filter(([, seen]) => seen.size > 1)
    .sort((a, b) => a[1].size - b[1].size)
    .slice(0, limit)
    .map(([name]) => name);
}

/** Colours by age: a new run never repaints an old one. */
export function runSlots(runs: readonly Run[], size: number): Map<string, number> {
  const byAge = [...runs].sort(
    (a, b) => (a.created_at ?? "").localeCompare(b.created_at ?? "") || a.run.localeCompare(b.run),
  );
  return assignSlots(
    byAge.map(({ run }) => run),
    size,
  );
}

/** So many runs are drawn until someone chooses. */
const DRAWN = 8;
const DRAWN_MOST = 50;

/** The drawn runs: the first eight of the table, less the hidden ones, and those asked for by name. */
export function drawnRuns(
  runs: readonly Run[],
  show: readonly string[],
  hide: readonly string[],
): readonly Run[] {
  const [wanted, unwanted] = [new Set(show), new Set(hide)];
  return runs
    .filter(({ run_id }, index) => !unwanted.has(run_id) && (index < DRAWN || wanted.has(run_id)))
    .slice(0, DRAWN_MOST);
}

/** Summary values that are not numbers although they should be. */
export function brokenMetrics(run: Run): readonly string[] {
  return Object.entries(run.summary)
    .filter(
      ([name, value]) =>
        !name.startsWith("_") && (value === "NaN" || value === "Infinity" || value === "-Infinity"),
    )
    .map(([name]) => name);
}

/** Steps per second over the life of a run, or null before it is known. */
export function stepRate(run: Run): number | null {
  const { step, duration_s } = run;
  return step !== null && step > 0 && duration_s !== null && duration_s > 0
    ? step / duration_s
    : null;
}
