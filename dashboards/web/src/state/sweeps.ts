/** Questions about sweeps: those of a project, and one with all of its trials. */

import { useQuery } from "@tanstack/react-query";
import { escapePath, getJson } from "../api/client";
import type { SweepDetail, SweepList } from "../api/types";

/** A page with more trials could not show each; it says that it does not. */
const MOST_TRIALS = 10_000;
/** The result of a trial is written a moment after its run has ended, which the socket tells. */
const LIVE_MS = 2000;
const AGAIN_MS = 30_000;

export function useSweeps(project: string) {
  return useQuery({
    queryKey: ["sweeps", project],
    queryFn: ({ signal }) => getJson<SweepList>("sweeps", { project }, signal),
    refetchInterval: ({ state }) =>
      state.data?.sweeps.some(({ states }) => states.running > 0) ? LIVE_MS : AGAIN_MS,
  });
}

/** One sweep by its address, `project/id`. */
export function useSweep(sweep: string) {
  return useQuery({
    queryKey: ["sweeps", "one", sweep],
    queryFn: ({ signal }) =>
      getJson<SweepDetail>(`sweeps/${escapePath(sweep)}`, { limit: MOST_TRIALS }, signal),
    refetchInterval: ({ state }) => ((state.data?.states.running ?? 0) > 0 ? LIVE_MS : AGAIN_MS),
  });
}
