/** Which part of each page lives in its URL, and the hook that reads and writes it. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import {
  choice,
  decodeView,
  encodeView,
  type Field,
  flag,
  list,
  maybe,
  range,
  type Search,
  text,
  type ViewOf,
} from "../data/url";

/** `ema:0.6`, `gaussian:3` or `average:20`: what the server accepts, or nothing. */
function smoothing(): Field<string> {
  const valid = /^(?:ema:0?\.\d+|gaussian:\d+(?:\.\d+)?|average:\d+)$/u;
  return {
    initial: "",
    parse: (value) => (valid.test(value) ? value : undefined),
    print: (value) => value,
  };
}

/** How a board of charts is looked at. */
export const BOARD = {
  x: choice(["step", "time", "relative"]),
  smooth: smoothing(),
  ylog: flag(),
  xlog: flag(),
  clip: flag(),
  zoom: range(),
  find: text(),
  open: list(),
  shut: list(),
  /** Charts whose y scale differs from the board's. */
  flip: list(),
  full: text(),
};
export type BoardView = ViewOf<typeof BOARD>;

/** The run table beside its board. */
export const RUNS = {
  q: text(),
  sort: text("-created_at"),
  cols: list(),
  show: list(),
  hide: list(),
  sel: list(),
  base: text(),
  fold: choice(["both", "table", "charts"]),
  ...BOARD,
};
export type RunsView = ViewOf<typeof RUNS>;

export const COMPARE = { runs: list(), base: text(), all: flag(), ...BOARD };
export const LOGS = {
  stream: choice(["stdout", "stderr"]),
  /** Whose text of a job of several processes; null for the first. */
  rank: maybe(),
  find: text(),
  follow: flag(true),
  /** The byte whose surroundings are shown; null for the end of the log. */
  at: maybe(),
  /** Search the whole run, and what of it. */
  whole: flag(),
  kind: choice(["all", "stdout", "stderr", "app", "alerts", "events"]),
  level: choice(["DEBUG", "INFO", "WARNING", "ERROR"]),
};
export type LogsView = ViewOf<typeof LOGS>;
export const EVENTS = {
  kind: text(),
  level: choice(["DEBUG", "INFO", "WARNING", "ERROR"]),
  find: text(),
};
export const LLM = {
  group: choice(["model", "provider", "operation"]),
  model: text(),
  outcome: choice(["all", "failed", "ok"]),
  find: text(),
  zoom: range(),
  call: text(),
};
/** Media of a run: the step is null where the newest of everything is shown. */
export const MEDIA = {
  find: text(),
  step: maybe(),
  /** Layers over pictures, and classes in them, that are hidden: `key\nlayer\nclass`. */
  off: list(),
  full: text(),
  /** How the table in full view is looked at. */
  rows: text(),
  sort: text(),
};
/** Which artifact and version; empty for the first and the newest. */
export const ARTIFACTS = { find: text(), of: text(), v: text(), tables: flag() };
/** Which sweep, how its trials are sorted (empty: the best first), and what of them is brushed. */
export const SWEEPS = { of: text(), sort: text(), brush: list(), log: flag() };
export type SweepsView = ViewOf<typeof SWEEPS>;
export const OVERVIEW = { find: text() };
export const FILES = { find: text(), sort: text("path") };
/** What the cells of the System page tell of each accelerator. */
export const MACHINES = { measure: choice(["load", "memory", "temperature", "power"]) };
export const CHECKPOINTS = { op: choice(["all", "save", "load"]) };

export type Mode = "push" | "replace";
export type Change<View> = (patch: Partial<View>, mode?: Mode) => void;

/** Typing and dragging replace the history entry; anything deliberate pushes one. */
export function useView<Fields extends object>(
  fields: Fields,
): readonly [ViewOf<Fields>, Change<ViewOf<Fields>>] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const view = useMemo(() => decodeView(fields, search), [fields, search]);
  const change = useCallback<Change<ViewOf<Fields>>>(
    (patch, mode = "replace") => {
      void navigate({
        to: ".",
        replace: mode === "replace",
        // Decoded afresh: two changes in one frame must not undo each other.
        search: (now: Search) => merge(fields, now, patch),
      } as Parameters<typeof navigate>[0]);
    },
    [fields, navigate],
  );
  return [view, change];
}

function merge<Fields extends object>(
  fields: Fields,
  now: Search,
  patch: Partial<ViewOf<Fields>>,
): Search {
  const others = Object.entries(now).filter(([name]) => !Object.hasOwn(fields, name));
  return {
    ...encodeView(fields, { ...decodeView(fields, now), ...patch }),
    ...Object.fromEntries(others),
  };
}

/** Add a name to a list, or take it out: how every toggle in a URL works. */
export function toggled(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}
