/** Questions to the server as hooks. Answers stay until the socket says that they changed. */

import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { ApiError, apiUrl, BASE, escapePath, getJson, getText, sendJson } from "../api/client";
import type {
  Accelerators,
  CheckpointPage,
  Comparison,
  ConsolePage,
  ConsoleStream,
  EventPage,
  FileList,
  HostSample,
  KeyPage,
  LlmGrouping,
  LlmPage,
  LlmStats,
  MachineFacts,
  MediaPage,
  ProjectList,
  RowPage,
  RowStream,
  Run,
  RunDetail,
  RunEdit,
  RunPage,
  ServerConfig,
  ServerFacts,
} from "../api/types";

/** How often a question is asked again, by what came of it: nothing (0), or a busy server. */
const RETRIES: Readonly<Record<number, number>> = { 0: 2, 503: 5 };

export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // What the server refused it refuses again; after a second, then two, four and so on.
      retry: (failures, error) =>
        error instanceof ApiError && failures < (RETRIES[error.status] ?? 0),
    },
  },
});

/** Above this many runs the server filters and sorts; below, the browser does. */
export const RUNS_IN_BROWSER = 20_000;
const FIRST_RUNS = 200;
const RUNS_PER_REQUEST = 2000;
const LIST_AGAIN_MS = 30_000;

export function useProjects() {
  return useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) => getJson<ProjectList>("projects", {}, signal),
    refetchInterval: LIST_AGAIN_MS,
  });
}

const runsKey = (project: string) => ["runs", project] as const;

/** All runs of a project, newest first; each page is shown as soon as it is there. */
async function allRuns(project: string, signal: AbortSignal): Promise<RunPage> {
  const firstTime = queryClient.getQueryData<RunPage>(runsKey(project)) === undefined;
  const runs: Run[] = [];
  let cursor: string | null = null;
  for (;;) {
    const limit = firstTime && runs.length === 0 ? FIRST_RUNS : RUNS_PER_REQUEST;
    const asked: RunPage = await getJson<RunPage>(
      "runs",
      { project, limit, sort: "-created_at", cursor },
      signal,
    );
    runs.push(...asked.runs);
    ({ cursor } = asked);
    const page = { ...asked, runs: [...runs] };
    if (cursor === null || runs.length >= RUNS_IN_BROWSER) return page;
    if (firstTime) queryClient.setQueryData(runsKey(project), page);
  }
}

export function useRuns(project: string) {
  return useQuery({
    queryKey: runsKey(project),
    queryFn: ({ signal }) => allRuns(project, signal),
    enabled: project !== "",
    // The socket tells of changes; a second look catches what it missed, where looking is cheap.
    refetchInterval: ({ state }) =>
      (state.data?.total ?? 0) <= RUNS_PER_REQUEST ? LIST_AGAIN_MS : false,
  });
}

/** What people call a run, as soon as its project's runs are known; its id until then. */
export function useRunName(project: string, runId: string): string {
  const { data } = useRuns(project);
  return data?.runs.find((run) => run.run_id === runId)?.name ?? runId;
}

/** The newest runs over all projects, for the dashboard and the palette. */
export function useRecentRuns(limit = 200) {
  return useQuery({
    queryKey: ["recent", limit],
    queryFn: ({ signal }) => getJson<RunPage>("runs", { limit, sort: "-updated_at" }, signal),
    refetchInterval: LIST_AGAIN_MS,
  });
}

export function useRun(run: string) {
  return useQuery({
    queryKey: ["run", run],
    queryFn: ({ signal }) => getJson<RunDetail>(`runs/${escapePath(run)}`, {}, signal),
  });
}

/** While a run lives it may log a key that it never logged before. */
const NEW_KEYS_MS = 10_000;
/** A run that is being indexed tells more of its keys a little later. */
const UNREAD_KEYS_MS = 2000;

export function fetchRun(run: string): Promise<RunDetail> {
  return getJson<RunDetail>(`runs/${escapePath(run)}`);
}

export function useKeys(runs: readonly string[], stream: RowStream, live = false) {
  return useQuery({
    queryKey: ["keys", stream, ...runs],
    queryFn: ({ signal }) => getJson<KeyPage>("keys", { runs: runs.join(","), stream }, signal),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      if ((state.data?.coverage ?? 1) < 1) return UNREAD_KEYS_MS;
      return live ? NEW_KEYS_MS : false;
    },
  });
}

export function useRows(
  run: string,
  stream: RowStream,
  keys: readonly string[],
  limit: number,
  live = false,
) {
  return useQuery({
    queryKey: ["rows", run, stream, limit, ...keys],
    queryFn: ({ signal }) =>
      getJson<RowPage>("rows", { run, stream, keys: keys.join(","), limit, order: "desc" }, signal),
    enabled: keys.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: live ? 5000 : false,
  });
}

const MEDIA_PER_REQUEST = 2000;

/** What a run logged of these types, the newest first; older ones when they are asked for. */
export function useMediaItems(run: string, types: readonly string[], live: boolean) {
  return useInfiniteQuery({
    queryKey: ["media", run, ...types],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      getJson<MediaPage>(
        "media",
        { run, type: types.join(","), after: pageParam, limit: MEDIA_PER_REQUEST, order: "desc" },
        signal,
      ),
    getNextPageParam: (page) => page.cursor,
    enabled: types.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: live ? 5000 : false,
  });
}

export type EventFilter = {
  readonly kind?: string;
  readonly level?: string;
  readonly search?: string;
};

export function useEvents(run: string, filter: EventFilter, limit = 2000) {
  return useQuery({
    queryKey: ["events", run, limit, filter],
    queryFn: ({ signal }) =>
      getJson<EventPage>("events", { run, limit, order: "desc", ...filter }, signal),
    placeholderData: keepPreviousData,
  });
}

export function fetchConsole(
  run: string,
  stream: ConsoleStream,
  rank: number,
  where: { readonly offset?: number; readonly tail?: boolean; readonly limit: number },
): Promise<ConsolePage> {
  return getJson<ConsolePage>("logs", { run, stream, rank, ...where });
}

export type LlmScope = { readonly run?: string; readonly project?: string };
export type LlmFilter = {
  readonly model?: string;
  readonly success?: boolean;
  readonly search?: string;
  readonly x0?: number;
  readonly x1?: number;
};

export function useLlmStats(
  scope: LlmScope,
  group: LlmGrouping,
  filter: Pick<LlmFilter, "model" | "x0" | "x1">,
) {
  return useQuery({
    queryKey: ["llm", "stats", scope, group, filter],
    queryFn: ({ signal }) => getJson<LlmStats>("llm/stats", { ...scope, group, ...filter }, signal),
    placeholderData: keepPreviousData,
  });
}

const CALLS_PER_PAGE = 300;

export function useLlmCalls(scope: LlmScope, filter: LlmFilter) {
  return useInfiniteQuery({
    queryKey: ["llm", "calls", scope, filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      getJson<LlmPage>(
        "llm",
        { ...scope, ...filter, after: pageParam, limit: CALLS_PER_PAGE, order: "desc" },
        signal,
      ),
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
  });
}

export function useCheckpoints(scope: LlmScope) {
  return useQuery({
    queryKey: ["checkpoints", scope],
    queryFn: ({ signal }) => getJson<CheckpointPage>("checkpoints", scope, signal),
    placeholderData: keepPreviousData,
  });
}

export function useComparison(runs: readonly string[]) {
  return useQuery({
    queryKey: ["compare", ...runs],
    queryFn: ({ signal }) => getJson<Comparison>("compare", { runs: runs.join(",") }, signal),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
  });
}

export function useSelf() {
  return useQuery({
    queryKey: ["self"],
    queryFn: ({ signal }) => getJson<ServerFacts>("self", {}, signal),
    refetchInterval: 10_000,
  });
}

/** What the settings' file and the environment say where the server runs. */
export function useServerConfig() {
  return useQuery({
    queryKey: ["config"],
    queryFn: ({ signal }) => getJson<ServerConfig>("config", {}, signal),
  });
}

export function useMachine() {
  return useQuery({
    queryKey: ["machine"],
    queryFn: ({ signal }) => getJson<MachineFacts>("system/info", {}, signal),
  });
}

export function useAccelerators() {
  return useQuery({
    queryKey: ["accelerators"],
    queryFn: ({ signal }) => getJson<Accelerators>("hardware/accelerators", {}, signal),
    refetchInterval: 5000,
  });
}

export function fetchHostSample(): Promise<HostSample> {
  return getJson<HostSample>("system/metrics");
}

export function useFiles(run: string) {
  return useQuery({
    queryKey: ["files", run],
    queryFn: ({ signal }) => getJson<FileList>(`runs/${escapePath(run)}/files`, {}, signal),
  });
}

/** Where a file of a run is served from; the server sends it as a download. */
export const fileUrl = (run: string, path: string): string =>
  apiUrl(`runs/${escapePath(run)}/files/${escapePath(path)}`);

/** The same in a frame: a page gets an origin of its own and no network. */
export const frameUrl = (run: string, path: string): string => `${fileUrl(run, path)}?inline=1`;

/** Files of JSON, such as tables; a file of media never changes. */
export function useFilesJson(run: string, paths: readonly string[]) {
  return useQuery({
    queryKey: ["json", run, ...paths],
    queryFn: ({ signal }) =>
      Promise.all(
        paths.map((path) =>
          getJson<unknown>(`runs/${escapePath(run)}/files/${escapePath(path)}`, {}, signal),
        ),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The text of a file of a run, once a path is given. */
export function useFileText(run: string, path: string | null) {
  return useQuery({
    queryKey: ["file", run, path],
    queryFn: ({ signal }) =>
      getText(`runs/${escapePath(run)}/files/${escapePath(path ?? "")}`, signal),
    enabled: path !== null,
  });
}

/** The page for a frame that draws one figure; it has no origin of ours. */
export const FIGURE_FRAME: string = apiUrl("figures/frame");

/** The JavaScript that draws the figures of a library; 404 where the server has it not. */
export function useFigureScript(library: string) {
  return useQuery({
    queryKey: ["figures", library],
    queryFn: ({ signal }) => getText(`figures/${library}`, signal),
  });
}

/** Change a run at once on the screen; put it back and say why when the server refuses. */
export function useEditRun(run: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (edit: RunEdit) => sendJson<RunDetail>("PATCH", `runs/${escapePath(run)}`, edit),
    onMutate: (edit) => {
      const before = client.getQueryData<RunDetail>(["run", run]);
      if (before) client.setQueryData(["run", run], { ...before, ...edit });
      return { before };
    },
    onError: (_error, _edit, context) => {
      if (context?.before) client.setQueryData(["run", run], context.before);
    },
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ["run", run] });
      void client.invalidateQueries({ queryKey: ["runs"] });
    },
  });
}

/** Give many runs one more tag; those that have it already are left alone. */
export function useBulkTag() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ runs, tag }: { readonly runs: readonly Run[]; readonly tag: string }) =>
      Promise.all(
        runs
          .filter(({ tags }) => !tags.includes(tag))
          .map(({ run, tags }) =>
            sendJson("PATCH", `runs/${escapePath(run)}`, { tags: [...tags, tag] }),
          ),
      ),
    onSettled: () => void client.invalidateQueries({ queryKey: ["runs"] }),
  });
}

export function useTrash() {
  const client = useQueryClient();
  const settled = () => {
    for (const name of ["runs", "recent", "projects"])
      void client.invalidateQueries({ queryKey: [name] });
  };
  const remove = useMutation({
    mutationFn: (runs: readonly string[]) =>
      Promise.all(runs.map((run) => sendJson("DELETE", `runs/${escapePath(run)}`))),
    onSettled: settled,
  });
  const restore = useMutation({
    mutationFn: (runs: readonly string[]) =>
      Promise.all(runs.map((run) => sendJson("POST", `runs/${escapePath(run)}/restore`, {}))),
    onSettled: settled,
  });
  return { remove, restore };
}

/** The server's own page about its routes. */
export const docsUrl = (): string => `${BASE}docs`;
