/**
 * What the server says, field by field. Times are RFC 3339 text, durations seconds.
 *
 * Kept by hand where the generated schema cannot tell more than "object"; `schema.ts` holds
 * the generated part.
 */

export type RunStatus =
  | "running"
  | "finished"
  | "failed"
  | "crashed"
  | "stale"
  | "killed"
  | "preempted";

export type Values = { readonly [key: string]: unknown };

export type Project = {
  readonly project: string;
  readonly runs: number;
  readonly running: number;
  readonly last_activity: string | null;
  readonly statuses?: { readonly [status: string]: number };
};

export type Run = {
  /** The address: `project/run_id`. */
  readonly run: string;
  readonly run_id: string;
  readonly project: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly created_at: string | null;
  readonly updated_at: string | null;
  readonly ended_at: string | null;
  readonly duration_s: number | null;
  readonly tags: readonly string[];
  readonly notes: string | null;
  readonly group: string | null;
  readonly job_type: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly program: string | null;
  readonly git_commit: string | null;
  readonly python_version: string | null;
  readonly exit_code: number | null;
  readonly step: number | null;
  readonly config: Values;
  readonly summary: Values;
  readonly writers: number;
  readonly bad_lines: number | null;
  readonly gaps: number | null;
  readonly checkpoints: number | null;
  readonly llm_calls: number | null;
};

export type StreamSize = {
  readonly bytes: number;
  readonly segments: number;
  readonly lines: number;
};

export type RunDetail = Run & {
  readonly metadata: Values;
  readonly streams: { readonly [stream: string]: StreamSize };
};

export type RunPage = {
  readonly runs: readonly Run[];
  readonly total: number;
  readonly cursor: string | null;
  readonly coverage: number;
};

export type RunEdit = {
  readonly name?: string;
  readonly notes?: string;
  readonly tags?: readonly string[];
};

export type RowStream = "history" | "system";

export type Key = {
  readonly key: string;
  readonly kind: string;
  readonly count: number;
  readonly last: unknown;
  readonly runs: number;
};

export type KeyPage = { readonly keys: readonly Key[]; readonly coverage: number };

export type Row = Values & {
  readonly _step?: number;
  readonly _timestamp?: number;
  readonly _runtime?: number;
};
export type RowPage = { readonly rows: readonly Row[]; readonly cursor: string | null };

export type EventLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

export type LogEvent = {
  readonly timestamp: string | null;
  readonly level: string;
  readonly logger: string;
  readonly message: string;
  readonly seq: number | null;
  readonly writer: string | null;
  readonly data: Values;
};

export type EventPage = {
  readonly events: readonly LogEvent[];
  readonly total: number;
  readonly cursor: string | null;
  readonly bad_lines: number;
};

export type ConsoleStream = "stdout" | "stderr";
export type ConsoleLine = { readonly offset: number; readonly text: string };
export type ConsolePage = {
  readonly lines: readonly ConsoleLine[];
  readonly offset: number;
  readonly next_offset: number;
  readonly size: number;
};

export type LlmCall = {
  readonly run: string;
  readonly timestamp: string | null;
  readonly model: string;
  readonly provider: string;
  readonly operation: string;
  readonly response_time: number | null;
  readonly ttft: number | null;
  readonly success: boolean;
  readonly error_type: string | null;
  readonly error: string | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly seq: number | null;
  readonly data: Values;
};

export type LlmPage = {
  readonly calls: readonly LlmCall[];
  readonly total: number;
  readonly cursor: string | null;
};

export type LlmNumbers = {
  readonly count: number;
  readonly errors: number;
  readonly error_rate: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly ttft_p50: number | null;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly tokens_per_second: number | null;
};

export type LlmGroup = LlmNumbers & { readonly group: string };
export type LlmGrouping = "model" | "provider" | "operation";

export type LlmBucket = {
  readonly t0: number;
  readonly t1: number;
  readonly count: number;
  readonly errors: number;
  readonly p50: number | null;
  readonly p95: number | null;
};

export type LlmStats = {
  readonly total: LlmNumbers;
  readonly groups: readonly LlmGroup[];
  readonly timeline: readonly LlmBucket[];
  readonly heat: {
    readonly t: readonly number[];
    readonly latency: readonly number[];
    readonly counts: readonly (readonly number[])[];
  };
};

export type Checkpoint = {
  readonly run: string;
  readonly timestamp: string | null;
  readonly step: number | null;
  readonly operation: string;
  readonly duration: number | null;
  readonly size: number | null;
  readonly mb_per_s: number | null;
  readonly success: boolean;
  readonly path: string | null;
  readonly error_type: string | null;
};

export type CheckpointPage = {
  readonly checkpoints: readonly Checkpoint[];
  readonly stats: {
    readonly count: number;
    readonly failures: number;
    readonly median_s: number | null;
    readonly total_s: number;
    readonly share_of_runtime: number | null;
    readonly bytes: number;
  };
};

export type Compared = {
  readonly key: string;
  readonly values: readonly unknown[];
  readonly differs: boolean;
};
export type Comparison = {
  readonly runs: readonly Run[];
  readonly config: readonly Compared[];
  readonly summary: readonly Compared[];
};

/** A reading of the server's own machine: the names of a system row, null where it has no sensor. */
export type HostSample = Values & { readonly timestamp?: string };

export type ServerSelf = {
  readonly version: string;
  readonly pid: number;
  readonly rss_bytes: number;
  readonly started_at: string;
  readonly root: string;
  readonly clients: number;
  readonly uptime_s: number;
  readonly ui_built: boolean;
};
