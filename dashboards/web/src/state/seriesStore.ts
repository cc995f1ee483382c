/**
 * Columns on their way from the server to the charts.
 *
 * Charts ask for (run, key) pairs; asks of one moment travel together, at most 200 series a
 * request, in the order in which the charts stand on the page. Live rows are appended to what
 * is there; a late or rewound step, a smoothed line, or a full chart is fetched again instead.
 */

import type { SeriesFrame } from "../api/frame";
import type { Row, RowStream } from "../api/types";
import { type Columns, EMPTY } from "../data/columns";
import { toNumber } from "../data/flatten";

export type Unit = { readonly run: string; readonly key: string };

export type Params = {
  readonly stream: RowStream;
  readonly x: string;
  readonly range: readonly [number, number] | null;
  readonly px: number;
  readonly smooth: string;
};

export type Question = {
  readonly runs: readonly string[];
  readonly keys: readonly string[];
  readonly stream: RowStream;
  readonly x: string;
  readonly px: number;
  readonly x0?: number;
  readonly x1?: number;
  readonly smooth?: string;
};

export type Loaded = {
  readonly columns: Columns;
  readonly state: "loading" | "ready" | "error";
  readonly error: string | null;
  /** The share of the run's lines that the answer rests on, 0 to 1. */
  readonly coverage: number;
};

export const UNKNOWN: Loaded = { columns: EMPTY, state: "loading", error: null, coverage: 1 };

type Listener = () => void;

type Entry = {
  readonly unit: Unit;
  readonly params: Params;
  readonly listeners: Set<Listener>;
  loaded: Loaded;
  asked: boolean;
  /** The data changed on disk since it was fetched. */
  dirty: boolean;
  fetchedAt: number;
};

const SERIES_PER_REQUEST = 200;
const PARALLEL = 4;
/** Entries nobody shows are kept up to this many: going back is then instant. */
const KEPT = 4000;
/** How long appended points may stand before the server's own buckets replace them. */
const RESYNC_MS = 10_000;
/** The shortest time between two fetches of one line that cannot be appended to. */
const REFETCH_MS = 1000;
/** The server indexes what it could not read in time: by then it has come further. */
const PARTIAL_MS = 1500;

const entryId = ({ run, key }: Unit, params: Params): string =>
  `${run}\n${key}\n${paramsId(params)}`;

function paramsId({ stream, x, range, px, smooth }: Params): string {
  return `${stream}\n${x}\n${range ? range.join("~") : ""}\n${px}\n${smooth}`;
}

const X_FIELD: ReadonlyMap<string, "_step" | "_timestamp" | "_runtime"> = new Map([
  ["step", "_step"],
  ["time", "_timestamp"],
  ["relative", "_runtime"],
]);

export class SeriesStore {
  /** How far each run had been read when it last answered: where the socket resumes. */
  readonly revs = new Map<string, string>();
  private readonly entries = new Map<string, Entry>();
  private readonly fetchFrame: (question: Question) => Promise<SeriesFrame>;
  private readonly now: () => number;
  private queue = new Set<Entry>();
  private running = 0;
  private waiting: Question[] = [];
  private scheduled = false;
  private sweeper: ReturnType<typeof setTimeout> | null = null;

  constructor(
    fetchFrame: (question: Question) => Promise<SeriesFrame>,
    now: () => number = () => performance.now(),
  ) {
    this.fetchFrame = fetchFrame;
    this.now = now;
  }

  read(unit: Unit, params: Params): Loaded {
    return this.entries.get(entryId(unit, params))?.loaded ?? UNKNOWN;
  }

  /** Keep these lines loaded and hear when one changes, until the returned function is called. */
  watch(units: readonly Unit[], params: Params, listener: Listener): () => void {
    const watched = units.map((unit) => this.entry(unit, params));
    for (const entry of watched) {
      entry.listeners.add(listener);
      if (!entry.asked || entry.dirty) this.enqueue(entry);
    }
    return () => {
      for (const entry of watched) entry.listeners.delete(listener);
      this.forget();
    };
  }

  /** Add live rows; what cannot be appended truthfully is fetched again. */
  append(run: string, rows: readonly Row[], rev: string | undefined): void {
    if (rev !== undefined) this.revs.set(run, rev);
    for (const entry of this.entries.values()) {
      if (entry.unit.run !== run || entry.params.stream !== "history") continue;
      const fresh = rows.filter((row) => Object.hasOwn(row, entry.unit.key));
      if (fresh.length === 0 || endsBefore(entry.params, fresh)) continue;
      if (entry.loaded.state === "ready" && this.extend(entry, fresh)) this.tell(entry);
      else this.spoil(entry);
    }
    this.sweep();
  }

  /** The run changed in a way no rows described: fetch what is shown of it again. */
  spoilRun(run: string | null, stream?: RowStream): void {
    for (const entry of this.entries.values()) {
      if (run !== null && entry.unit.run !== run) continue;
      if (stream !== undefined && entry.params.stream !== stream) continue;
      this.spoil(entry);
    }
    this.sweep();
  }

  private entry(unit: Unit, params: Params): Entry {
    const id = entryId(unit, params);
    const known = this.entries.get(id);
    if (known) return known;
    const made: Entry = {
      unit,
      params,
      listeners: new Set(),
      loaded: UNKNOWN,
      asked: false,
      dirty: false,
      fetchedAt: 0,
    };
    this.entries.set(id, made);
    return made;
  }

  private extend(entry: Entry, rows: readonly Row[]): boolean {
    const field = X_FIELD.get(entry.params.x);
    if (entry.params.smooth !== "" || field === undefined) return false;
    const columns = extendColumns(entry.loaded.columns, rows, entry.unit.key, field);
    if (columns === null || columns.x.length > entry.params.px * 4) return false;
    entry.loaded = { ...entry.loaded, columns, state: "ready", error: null };
    // The appended tail is exact; the buckets before it come from the server again, later.
    if (!columns.exact) entry.dirty = true;
    return true;
  }

  private spoil(entry: Entry): void {
    if (entry.asked) entry.dirty = true;
  }

  /** Fetch dirty lines that somebody shows, each as soon as its turn comes. */
  private sweep(): void {
    if (this.sweeper) return;
    let next = Number.POSITIVE_INFINITY;
    for (const entry of this.entries.values()) {
      if (!entry.dirty || entry.listeners.size === 0) continue;
      const due = entry.fetchedAt + patienceWith(entry) - this.now();
      if (due <= 0) this.enqueue(entry);
      else next = Math.min(next, due);
    }
    if (next === Number.POSITIVE_INFINITY) return;
    this.sweeper = setTimeout(() => {
      this.sweeper = null;
      this.sweep();
    }, next);
  }

  private enqueue(entry: Entry): void {
    entry.asked = true;
    entry.dirty = false;
    entry.fetchedAt = this.now();
    this.queue.add(entry);
    if (this.scheduled) return;
    this.scheduled = true;
    // One task later: all charts that mount in this frame have asked by then.
    setTimeout(() => this.flush(), 0);
  }

  private flush(): void {
    this.scheduled = false;
    const batch = [...this.queue];
    this.queue = new Set();
    this.waiting.push(...toQuestions(batch));
    this.pump();
  }

  private pump(): void {
    while (this.running < PARALLEL) {
      const question = this.waiting.shift();
      if (!question) return;
      this.running += 1;
      void this.ask(question).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private async ask(question: Question): Promise<void> {
    try {
      const frame = await this.fetchFrame(question);
      for (const [run, rev] of frame.revs) this.revs.set(run, rev);
      for (const { run, key, columns } of frame.series)
        this.settle(
          question,
          { run, key },
          { columns, state: "ready", error: null, coverage: frame.coverage },
        );
      this.sweep();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const run of question.runs) {
        for (const key of question.keys)
          this.settle(question, { run, key }, { ...UNKNOWN, state: "error", error: reason });
      }
    }
  }

  private settle(question: Question, unit: Unit, loaded: Loaded): void {
    const { stream, x, px, x0, x1, smooth } = question;
    const range = x0 === undefined || x1 === undefined ? null : ([x0, x1] as const);
    const entry = this.entries.get(entryId(unit, { stream, x, px, range, smooth: smooth ?? "" }));
    if (!entry) return;
    // A failed refresh leaves the last good line standing.
    entry.loaded =
      loaded.state === "error" && entry.loaded.state === "ready" ? entry.loaded : loaded;
    if (loaded.coverage < 1) entry.dirty = true;
    this.tell(entry);
  }

  private tell(entry: Entry): void {
    for (const listener of entry.listeners) listener();
  }

  private forget(): void {
    if (this.entries.size <= KEPT) return;
    for (const [id, entry] of this.entries) {
      if (entry.listeners.size === 0) this.entries.delete(id);
      if (this.entries.size <= KEPT / 2) return;
    }
  }
}

/** How long a line that is no longer right may stand. */
function patienceWith({ loaded, params }: Entry): number {
  if (loaded.coverage < 1) return PARTIAL_MS;
  const appended = params.smooth === "" && X_FIELD.has(params.x) && !loaded.columns.exact;
  return appended ? RESYNC_MS : REFETCH_MS;
}

/** A zoomed chart that ends before the new rows has nothing to add. */
function endsBefore({ range, x }: Params, rows: readonly Row[]): boolean {
  const field = X_FIELD.get(x);
  if (range === null || field === undefined) return false;
  return rows.every((row) => (row[field] ?? Number.POSITIVE_INFINITY) > range[1]);
}

/** The columns with the rows behind them; null when a row does not come after the last point. */
export function extendColumns(
  columns: Columns,
  rows: readonly Row[],
  key: string,
  field: "_step" | "_timestamp" | "_runtime",
): Columns | null {
  const nonfinite = [...columns.nonfinite];
  const xs: number[] = [];
  const ys: number[] = [];
  let edge = columns.x.at(-1) ?? Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const [x, y] = [row[field], toNumber(row[key])];
    if (x === undefined || y === undefined) continue;
    if (x <= edge) return null;
    edge = x;
    xs.push(x);
    ys.push(Number.isFinite(y) ? y : Number.NaN);
    if (!Number.isFinite(y))
      nonfinite.push({ x, kind: Number.isNaN(y) ? "NaN" : y > 0 ? "Infinity" : "-Infinity" });
  }
  const last = joined(columns.last, ys);
  return {
    x: joined(columns.x, xs),
    last,
    lo: columns.lo === columns.last ? last : joined(columns.lo, ys),
    hi: columns.hi === columns.last ? last : joined(columns.hi, ys),
    exact: columns.exact,
    nonfinite,
  };
}

function joined(head: Float64Array, tail: readonly number[]): Float64Array {
  const whole = new Float64Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

/** Group asks into requests: equal parameters, equal runs, at most 200 series each. */
function toQuestions(batch: readonly Entry[]): Question[] {
  const byParams = new Map<string, { params: Params; runsOf: Map<string, Set<string>> }>();
  for (const { unit, params } of batch) {
    const id = paramsId(params);
    const group = byParams.get(id) ?? { params, runsOf: new Map<string, Set<string>>() };
    byParams.set(id, group);
    const runs = group.runsOf.get(unit.key) ?? new Set<string>();
    group.runsOf.set(unit.key, runs.add(unit.run));
  }
  return [...byParams.values()].flatMap(({ params, runsOf }) => questionsOf(params, runsOf));
}

function questionsOf(params: Params, runsOf: ReadonlyMap<string, ReadonlySet<string>>): Question[] {
  const keysOf = new Map<string, { runs: readonly string[]; keys: string[] }>();
  for (const [key, runs] of runsOf) {
    const id = [...runs].join("\n");
    const group = keysOf.get(id);
    if (group) group.keys.push(key);
    else keysOf.set(id, { runs: [...runs], keys: [key] });
  }
  return [...keysOf.values()].flatMap(({ runs, keys }) =>
    chunks(runs, SERIES_PER_REQUEST).flatMap((some) =>
      chunks(keys, Math.max(1, Math.floor(SERIES_PER_REQUEST / some.length))).map((few) =>
        question(params, some, few),
      ),
    ),
  );
}

function question(
  { stream, x, px, range, smooth }: Params,
  runs: readonly string[],
  keys: readonly string[],
): Question {
  return {
    runs,
    keys,
    stream,
    x,
    px,
    ...(range ? { x0: range[0], x1: range[1] } : {}),
    ...(smooth === "" ? {} : { smooth }),
  };
}

function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const parts: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size));
  return parts;
}
