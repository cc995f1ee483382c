/**
 * What the server says, by the names this UI uses.
 *
 * `schema.ts` is made from the server's own document; here its types get short names, and the
 * few that can be said more exactly than a document can are narrowed.
 */

import type { components } from "./schema";

type Schemas = components["schemas"];

/** An object of any kind, as logged. */
export type Values = { readonly [key: string]: unknown };

export type RunStatus =
  | "running"
  | "finished"
  | "failed"
  | "crashed"
  | "stale"
  | "killed"
  | "preempted";

/** What people are shown of a run: its status, or that it is alive and stands still. */
export type RunState = RunStatus | "stalled";

/** `run` is the address `project/run_id`; times are RFC 3339 text, durations seconds. */
export type Run = Omit<Schemas["Run"], "status"> & { readonly status: RunStatus };
export type RunDetail = Run & Pick<Schemas["RunReply"], "metadata" | "streams">;
export type RunPage = Omit<Schemas["RunPage"], "runs"> & { readonly runs: readonly Run[] };
export type RunEdit = Schemas["RunEdit"];
export type Project = Schemas["Project"];
export type ProjectList = Schemas["ProjectList"];

export type RowStream = "history" | "system";
export type Key = Schemas["Key"];
export type KeyPage = Schemas["KeyPage"];
export type Row = Values & {
  readonly _step?: number;
  readonly _timestamp?: number;
  readonly _runtime?: number;
};
export type RowPage = Omit<Schemas["RowPage"], "rows"> & { readonly rows: readonly Row[] };

/** A value logged as media: `type` is its record's `_type`. */
export type MediaItem = Schemas["MediaItem"];
export type MediaPage = Schemas["MediaPage"];

export type LogEvent = Schemas["Event"];
export type EventPage = Schemas["EventPage"];

export type ConsoleStream = "stdout" | "stderr";
export type ConsoleLine = Schemas["ConsoleLine"];
export type ConsolePage = Schemas["ConsolePage"];

/** A line that a search has found, and a page of them with how far the search came. */
export type FoundLine = Schemas["FoundLine"];
export type SearchPage = Schemas["SearchPage"];

export type LlmGrouping = "model" | "provider" | "operation";
export type LlmCall = Schemas["LlmCall"];
export type LlmPage = Schemas["LlmPage"];
export type LlmNumbers = Schemas["LlmNumbers"];
export type LlmGroup = Schemas["LlmGroup"];
export type LlmStats = Schemas["LlmStats"];

export type Checkpoint = Schemas["Checkpoint"];
export type CheckpointAdvice = Schemas["CheckpointAdvice"];
export type CheckpointPage = Schemas["CheckpointPage"];

export type Compared = Schemas["Compared"];
export type Comparison = Omit<Schemas["Comparison"], "runs"> & { readonly runs: readonly Run[] };

export type ArtifactName = Schemas["ArtifactName"];
export type ArtifactList = Schemas["ArtifactList"];
export type ArtifactVersion = Schemas["ArtifactVersion"];
export type ArtifactVersionList = Schemas["ArtifactVersionList"];
export type ArtifactVersionDetail = Schemas["ArtifactVersionDetail"];
export type ArtifactEntry = Schemas["ArtifactEntry"];
export type ArtifactEdge = Schemas["ArtifactEdge"];
export type Lineage = Schemas["Lineage"];

type Goal = "minimize" | "maximize";
export type TrialState = "running" | "finished" | "failed" | "stopped";
/** `number` is a trial's place in the order of claims; `run` the address of its run. */
export type SweepTrial = Omit<Schemas["SweepTrial"], "state"> & { readonly state: TrialState };
export type SweepParameter = Schemas["SweepParameter"];
export type SweepMetric = Schemas["SweepMetric"] & { readonly goal: Goal };
type Told<Summary> = Omit<Summary, "state" | "states" | "metric" | "trials"> & {
  readonly state: "RUNNING" | "FINISHED";
  readonly states: { readonly [State in TrialState]: number };
  readonly metric: SweepMetric | null;
};
export type Sweep = Told<Schemas["SweepSummary"]>;
export type SweepDetail = Told<Schemas["SweepDetail"]> & { readonly trials: readonly SweepTrial[] };
export type SweepList = Omit<Schemas["SweepList"], "sweeps"> & {
  readonly sweeps: readonly Sweep[];
};

export type FileEntry = Schemas["FileEntry"];
export type FileList = Schemas["FileList"];

/** A reading of the server's own machine: the names of a system row, null where it has no sensor. */
export type HostSample = Values & { readonly timestamp?: string };
export type MachineFacts = Schemas["MachineFacts"];
/** A machine on which runs are being written; `metrics` is its newest system row. */
export type Machine = Omit<Schemas["Node"], "status"> & { readonly status: "up" | "silent" };
export type MachineNews = Omit<Machine, "metrics">;
/** One key of a machine (`group`) over time, the mean of what its runs sampled. */
export type MachineLine = Schemas["GroupColumns"];
export type MachineHistory = Omit<Schemas["NodeHistory"], "nodes"> & {
  readonly nodes: readonly Machine[];
};
export type RunGroups = Schemas["RunGroups"];
export type Accelerators = Schemas["Accelerators"];
export type Accelerator = Schemas["Accelerator"];
export type ServerConfig = Schemas["ServerConfig"];
export type ServerFacts = Schemas["ServerFacts"];
