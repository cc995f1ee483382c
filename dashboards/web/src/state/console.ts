/** Console text of a run: the end first, earlier lines on demand, new ones as they come. */

import { useCallback, useEffect, useState } from "react";
import type { ConsoleLine, ConsolePage, ConsoleStream } from "../api/types";
import { listenLogs, useLive, useLiveWant } from "./live";
import { fetchConsole } from "./queries";

type Console = {
  readonly lines: readonly ConsoleLine[];
  readonly size: number;
  /** The ranks of the job that have a text. */
  readonly ranks: readonly number[];
  /** More lines lie before the first one here. */
  readonly earlier: boolean;
  readonly state: "loading" | "ready" | "error";
  readonly error: unknown;
};

const FIRST_LINES = 2000;
/** Bytes before a place that is looked at, and lines that are shown around it, at first. */
const BYTES_BEFORE = 16_000;
const LINES_AROUND = 800;
const GROWTH = 5;
const POLL_MS = 3000;
const START: Console = {
  lines: [],
  size: 0,
  ranks: [],
  earlier: false,
  state: "loading",
  error: null,
};

/** New lines replace from their first offset on: the last line may have been shown before it ended. */
export function joinLines(
  before: readonly ConsoleLine[],
  fresh: readonly ConsoleLine[],
): readonly ConsoleLine[] {
  const [first] = fresh;
  if (!first) return before;
  let keep = before.length;
  while (keep > 0 && (before[keep - 1]?.offset ?? 0) >= first.offset) keep -= 1;
  return [...before.slice(0, keep), ...fresh];
}

/** The lines around a byte of the log; the first one of a cut is not whole and is left out. */
async function fetchAround(
  run: string,
  stream: ConsoleStream,
  rank: number,
  at: number,
  growth: number,
): Promise<ConsolePage> {
  const offset = Math.max(0, at - BYTES_BEFORE * growth);
  const page = await fetchConsole(run, stream, rank, { offset, limit: LINES_AROUND * growth });
  return offset > 0 && page.lines.length > 1 ? { ...page, lines: page.lines.slice(1) } : page;
}

/** `at` is a byte whose surroundings are wanted, or null for the end of the log. */
export function useConsole(
  run: string,
  stream: ConsoleStream,
  rank: number,
  at: number | null,
  running: boolean,
) {
  const [growth, setGrowth] = useState(1);
  const [console, setConsole] = useState<Console>(START);
  const [next, setNext] = useState<number | null>(null);
  const live = useLive((state) => state.state === "live");

  useEffect(() => {
    let current = true;
    const asked =
      at === null
        ? fetchConsole(run, stream, rank, { tail: true, limit: FIRST_LINES * growth })
        : fetchAround(run, stream, rank, at, growth);
    asked
      .then((page) => {
        if (!current) return;
        setConsole({
          lines: page.lines,
          size: page.size,
          ranks: page.ranks,
          earlier: page.offset > 0,
          state: "ready",
          error: null,
        });
        setNext(at === null ? page.next_offset : null);
      })
      .catch((error: unknown) => current && setConsole({ ...START, state: "error", error }));
    return () => {
      current = false;
    };
  }, [run, stream, rank, at, growth]);

  const append = useCallback((lines: readonly ConsoleLine[], size: number) => {
    setConsole((now) => ({ ...now, size, lines: joinLines(now.lines, lines) }));
  }, []);
  useEffect(
    () => (at === null ? listenLogs({ run, stream, rank }, append) : undefined),
    [run, stream, rank, at, append],
  );
  useLiveWant(
    running && next !== null ? { runs: [run], logs: { run, stream, rank, offset: next } } : {},
  );

  useEffect(() => {
    if (live || !running || next === null) return;
    const timer = setInterval(() => {
      void fetchConsole(run, stream, rank, { offset: next, limit: FIRST_LINES })
        .then((page) => {
          append(page.lines, page.size);
          setNext(page.next_offset);
        })
        // The top bar says that the server is away; the next turn tries again.
        .catch(() => undefined);
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [live, running, run, stream, rank, next, append]);

  return { ...console, loadEarlier: () => setGrowth((times) => times * GROWTH) };
}
