/** The machines on which runs are written: what they measure now, and did in the last 15 minutes. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getJson } from "../api/client";
import type { MachineHistory, MachineLine, RunGroups } from "../api/types";
import { useLive, useLiveWant } from "./live";

const POLL_MS = 5000;
/** The socket tells of changes; a second look catches what it missed. */
const LIST_AGAIN_MS = 30_000;
/** Strips grow by one bucket in this time. */
const HISTORY_AGAIN_MS = 15_000;
const HISTORY_S = 900;
const COLUMNS = 60;
/** As many as the server takes in one question. */
const KEYS_PER_REQUEST = 200;

/** The machines by name; the socket replaces the answer as it changes. */
export function useMachines() {
  useLiveWant({ system: true });
  const live = useLive(({ state }) => state === "live");
  return useQuery({
    queryKey: ["machines"],
    queryFn: ({ signal }) => getJson<MachineHistory>("cluster/metrics", {}, signal),
    // Nobody hears of numbers while no page shows them.
    staleTime: 0,
    refetchInterval: live ? LIST_AGAIN_MS : POLL_MS,
  });
}

export type Past = {
  readonly begin: number;
  readonly end: number;
  /** By machine, then by key. */
  readonly lines: ReadonlyMap<string, ReadonlyMap<string, MachineLine>>;
  readonly coverage: number;
};

async function fetchPast(keys: readonly string[], signal: AbortSignal): Promise<Past> {
  const end = Date.now() / 1000;
  const begin = end - HISTORY_S;
  const parts = Array.from({ length: Math.ceil(keys.length / KEYS_PER_REQUEST) }, (_, part) =>
    keys.slice(part * KEYS_PER_REQUEST, (part + 1) * KEYS_PER_REQUEST).join(","),
  );
  const told = await Promise.all(
    parts.map((part) =>
      getJson<MachineHistory>(
        "cluster/metrics",
        { keys: part, x0: begin, x1: end, px: COLUMNS },
        signal,
      ),
    ),
  );
  const lines = new Map<string, Map<string, MachineLine>>();
  for (const line of told.flatMap(({ history }) => history)) {
    const own = lines.get(line.group ?? "") ?? new Map<string, MachineLine>();
    lines.set(line.group ?? "", own.set(line.key, line));
  }
  return { begin, end, lines, coverage: Math.min(...told.map(({ coverage }) => coverage)) };
}

export function usePast(keys: readonly string[]) {
  return useQuery({
    queryKey: ["machines-past", ...keys],
    queryFn: ({ signal }) => fetchPast(keys, signal),
    enabled: keys.length > 0,
    staleTime: 0,
    placeholderData: keepPreviousData,
    refetchInterval: HISTORY_AGAIN_MS,
  });
}

function projectsByHost({ groups }: RunGroups): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { values } of groups) {
    const [host, project] = [values["host"], values["project"]];
    if (typeof host !== "string" || typeof project !== "string") continue;
    found.set(host, [...(found.get(host) ?? []), project]);
  }
  return found;
}

/** Projects with living runs, by the host on which these were begun. */
export function useProjectsByHost() {
  return useQuery({
    queryKey: ["machines-projects"],
    queryFn: ({ signal }) =>
      getJson<RunGroups>(
        "run-groups",
        { by: "host,project", status: "running,stale", limit: 10_000 },
        signal,
      ),
    staleTime: 0,
    refetchInterval: HISTORY_AGAIN_MS,
    select: projectsByHost,
  });
}
