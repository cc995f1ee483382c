/** A search through all that a run printed and said: page by page, on its own for the first hits. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { getJson } from "../api/client";
import type { FoundLine, SearchPage } from "../api/types";
import { streamsOf, toQuestion } from "../data/logSearch";

export type LogSearch = {
  readonly find: string;
  readonly kind: string;
  readonly level: string;
  /** Epoch seconds; for events only. */
  readonly x0?: number;
  readonly x1?: number;
};

type Found = {
  readonly lines: readonly FoundLine[];
  /** The share of the text that has been searched. */
  readonly coverage: number;
  readonly searching: boolean;
  /** There is more to search, and the search waits to be told so. */
  readonly paused: boolean;
  readonly error: unknown;
  readonly goOn: () => void;
};

/** So many hits are looked for at once; who wants more says so. */
const HITS = 200;
const TYPING_MS = 250;

/** A value once it has not changed for a moment: a search per letter helps nobody. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

export function useLogSearch(run: string, search: LogSearch, enabled: boolean): Found {
  const { kind, level, x0, x1 } = search;
  const find = useSettled(search.find);
  const [wanted, setWanted] = useState(HITS);
  const query = useInfiniteQuery({
    queryKey: ["search", run, find, kind, level, x0, x1],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      getJson<SearchPage>(
        "logs/search",
        {
          run,
          ...toQuestion(find),
          ...streamsOf(kind, level),
          x0,
          x1,
          after: pageParam,
          limit: HITS,
        },
        signal,
      ),
    getNextPageParam: (page) => page.cursor,
    enabled,
    // A run goes on printing: the same search later is another one.
    gcTime: 0,
  });
  const lines = useMemo(
    () => (query.data?.pages ?? []).flatMap((page) => page.lines),
    [query.data],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new search begins with few hits again
  useEffect(() => setWanted(HITS), [run, find, kind, level]);
  const { hasNextPage, isFetching, fetchNextPage, error } = query;
  const next = enabled && hasNextPage && !isFetching && !error;
  useEffect(() => {
    if (next && lines.length < wanted) void fetchNextPage();
  }, [next, lines.length, wanted, fetchNextPage]);
  return {
    lines,
    coverage: query.data?.pages.at(-1)?.coverage ?? 0,
    searching: isFetching || find !== search.find,
    paused: next && lines.length >= wanted,
    error,
    goOn: () => setWanted(lines.length + HITS),
  };
}
