/** What the socket says, put where the pages look: query cache, series, host strip, logs. */

import { useEffect, useRef } from "react";
import { create } from "zustand";
import { BASE } from "../api/client";
import {
  type ConsoleWant,
  type LiveMessage,
  LiveSocket,
  type LiveState,
  type SocketLike,
  type Subscription,
  socketUrl,
} from "../api/live";
import type {
  ConsoleLine,
  HostSample,
  Machine,
  MachineHistory,
  MachineNews,
  Row,
  Run,
  RunDetail,
  RunPage,
} from "../api/types";
import { fetchRun, queryClient } from "./queries";
import { seriesStore } from "./series";

export type Want = {
  readonly runs?: readonly string[];
  readonly keys?: readonly string[];
  readonly system?: boolean;
  readonly logs?: ConsoleWant;
};

type LiveStore = {
  readonly state: LiveState;
  readonly lastAt: number;
  readonly host: readonly HostSample[];
};

/** 15 minutes of host samples at one in two seconds. */
const HOST_SAMPLES = 450;

export const useLive = create<LiveStore>()(() => ({ state: "connecting", lastAt: 0, host: [] }));

export function addHostSample(sample: HostSample): void {
  useLive.setState(({ host }) => ({ host: [...host, sample].slice(-HOST_SAMPLES) }));
}

type LogListener = (lines: readonly ConsoleLine[], size: number) => void;
const logListeners = new Map<string, Set<LogListener>>();
const wants = new Map<symbol, Want>();
let socket: LiveSocket | null = null;
let planned = false;

function combined(): Subscription {
  const all = document.hidden ? [] : [...wants.values()];
  const runs = [...new Set(all.flatMap((want) => want.runs ?? []))].sort();
  return {
    runs,
    keys: [...new Set(all.flatMap((want) => want.keys ?? []))].sort(),
    system: all.some((want) => want.system),
    logs: all.find((want) => want.logs)?.logs ?? null,
    revs: Object.fromEntries(
      runs.flatMap((run) =>
        [seriesStore.revs.get(run)].flatMap((rev) => (rev ? [[run, rev]] : [])),
      ),
    ),
  };
}

/** Wants change with every scroll; one subscription a moment later says them all. */
function plan(): void {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    socket?.subscribe(combined());
  }, 60);
}

export function useLiveWant(want: Want): void {
  const id = useRef(Symbol("want"));
  const said = JSON.stringify(want);
  useEffect(() => {
    wants.set(id.current, JSON.parse(said) as Want);
    plan();
    return () => {
      wants.delete(id.current);
      plan();
    };
  }, [said]);
}

/** Hear console lines as they come; the subscription itself is a `Want`. */
export function listenLogs(
  { run, stream, rank }: Omit<ConsoleWant, "offset">,
  listener: LogListener,
): () => void {
  const id = `${run}\n${stream}\n${rank}`;
  const listeners = logListeners.get(id) ?? new Set();
  logListeners.set(id, listeners.add(listener));
  return () => void listeners.delete(listener);
}

function patchRun(run: string, patch: Partial<Run>): void {
  const change = (page: RunPage | undefined): RunPage | undefined => {
    if (!page?.runs.some((one) => one.run === run)) return page;
    return {
      ...page,
      runs: page.runs.map((one) =>
        one.run === run ? { ...one, ...patch, summary: { ...one.summary, ...patch.summary } } : one,
      ),
    };
  };
  queryClient.setQueriesData<RunPage>({ queryKey: ["runs"] }, change);
  queryClient.setQueriesData<RunPage>({ queryKey: ["recent"] }, change);
  queryClient.setQueryData<RunDetail>(["run", run], (detail) =>
    detail ? { ...detail, ...patch, summary: { ...detail.summary, ...patch.summary } } : detail,
  );
}

const isKnown = (run: string): boolean =>
  queryClient
    .getQueriesData<RunPage>({ queryKey: ["runs"] })
    .some(([, page]) => page?.runs.some((one) => one.run === run));

function invalidate(...key: readonly string[]): void {
  void queryClient.invalidateQueries({ queryKey: key });
}

type RunChange = Partial<Run> & {
  readonly run: string;
  readonly changed?: readonly string[];
  readonly deleted?: boolean;
};

/** A run that no list has yet: its project's list gets it whole, the others are asked again. */
async function welcome(run: string): Promise<void> {
  for (const name of ["recent", "projects"]) invalidate(name);
  const detail = await fetchRun(run);
  queryClient.setQueriesData<RunPage>({ queryKey: ["runs", detail.project] }, (page) => {
    if (!page || page.runs.some((one) => one.run === run)) return page;
    return { ...page, runs: [detail, ...page.runs], total: page.total + 1 };
  });
}

function farewell(run: string): void {
  for (const name of ["recent", "projects"]) invalidate(name);
  queryClient.setQueriesData<RunPage>({ queryKey: ["runs"] }, (page) => {
    const left = page?.runs.filter((one) => one.run !== run);
    return page && left
      ? { ...page, runs: left, total: page.total - page.runs.length + left.length }
      : page;
  });
}

function onRunUpdate({ changed = [], deleted, ...patch }: RunChange): void {
  const { run } = patch;
  if (deleted) {
    farewell(run);
    return;
  }
  // A run that is gone again by then has nothing to be shown.
  if (!isKnown(run)) welcome(run).catch(() => undefined);
  patchRun(run, patch);
  const has = (...kinds: readonly string[]): boolean =>
    kinds.some((kind) => changed.includes(kind));
  if (has("events", "lifecycle", "checkpoint")) invalidate("events", run);
  if (has("llm")) invalidate("llm");
  if (has("checkpoint")) invalidate("checkpoints");
  if (has("lifecycle")) invalidate("sweeps");
  if (has("system")) seriesStore.spoilRun(run, "system");
}

function patchMachines(change: (nodes: readonly Machine[]) => readonly Machine[]): void {
  queryClient.setQueryData<MachineHistory>(
    ["machines"],
    (known) => known && { ...known, nodes: change(known.nodes) },
  );
}

/** One that is new comes with its numbers a moment later. */
function onMachineNews(news: MachineNews | { readonly node: string; readonly status: "gone" }) {
  patchMachines((nodes) =>
    news.status === "gone"
      ? nodes.filter(({ node }) => node !== news.node)
      : nodes.map((one) => (one.node === news.node ? { ...one, ...news } : one)),
  );
}

function lastValues(rows: readonly Row[]): Partial<Run> {
  const last = rows.at(-1);
  if (!last) return {};
  const summary = Object.fromEntries(
    Object.entries(Object.assign({}, ...rows) as Row).filter(([key]) => !key.startsWith("_")),
  );
  return { summary, ...(last._step === undefined ? {} : { step: last._step }) };
}

function receive(message: LiveMessage): void {
  useLive.setState({ lastAt: Date.now() });
  switch (message.type) {
    case "metric_update": {
      const { run, rev, rows } = message.data;
      if (rows) {
        seriesStore.append(run, rows, rev);
        patchRun(run, lastValues(rows));
      } else if (message.data.summary) patchRun(run, { summary: message.data.summary });
      return;
    }
    case "run_update":
      onRunUpdate(message.data);
      return;
    case "system_metrics":
      addHostSample(message.data);
      return;
    case "log_append": {
      const { run, stream, rank, lines, size } = message.data;
      for (const listener of logListeners.get(`${run}\n${stream}\n${rank}`) ?? [])
        listener(lines, size);
      return;
    }
    case "stale":
      seriesStore.spoilRun(message.data.run);
      return;
    case "alert":
      invalidate("events");
      return;
    case "hardware_update":
      invalidate("accelerators");
      return;
    case "cluster_metrics":
      patchMachines(() => message.data.nodes);
      return;
    case "node_status":
      onMachineNews(message.data);
  }
}

/** After a gap nothing on the screen is certain: ask for all of it again. */
function resumed(): void {
  seriesStore.spoilRun(null);
  void queryClient.invalidateQueries();
}

/** Open the socket for as long as the page lives. */
export function startLive(): () => void {
  const open = (): SocketLike => new WebSocket(socketUrl(BASE)) as SocketLike;
  socket = new LiveSocket(open, {
    message: receive,
    state: (state) => useLive.setState({ state }),
    resumed,
  });
  socket.start();
  document.addEventListener("visibilitychange", plan);
  // Without a socket the same answers are fetched in turns.
  const poll = setInterval(() => {
    if (useLive.getState().state === "polling" && !document.hidden) resumed();
  }, 5000);
  return () => {
    document.removeEventListener("visibilitychange", plan);
    clearInterval(poll);
    socket?.stop();
    socket = null;
  };
}
