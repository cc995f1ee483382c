/** Made by tools/openapi from the server's OpenAPI document: change the server, not this. */

export interface paths {
    readonly "/api/artifacts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Artifacts
         * @description List artifacts by type and name; with `project`, only what that project logged.
         */
        readonly get: operations["artifacts_api_artifacts_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/artifacts/{type}/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Versions
         * @description List the versions of an artifact, the newest first.
         */
        readonly get: operations["versions_api_artifacts__type___name__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/artifacts/{type}/{name}/{version}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Version
         * @description Return one version, named by `v3` or an alias, with its files and the runs that used it.
         */
        readonly get: operations["version_api_artifacts__type___name___version__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/artifacts/{type}/{name}/{version}/files/{path}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Version File
         * @description Send one file, as a download unless `inline`, always in a sandbox; takes a byte range.
         */
        readonly get: operations["version_file_api_artifacts__type___name___version__files__path__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/artifacts/{type}/{name}/{version}/lineage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Version Lineage
         * @description Return which runs made and used a version, what else they made and used, and so on.
         */
        readonly get: operations["version_lineage_api_artifacts__type___name___version__lineage_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/checkpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Checkpoints
         * @description Return every checkpoint save and load by time, what they cost, and how often to save.
         */
        readonly get: operations["checkpoints_api_checkpoints_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/cluster/info": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Info
         * @description Return each node with its status and number of living runs.
         */
        readonly get: operations["info_api_cluster_info_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/cluster/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Metrics
         * @description Return each node with its newest system row, and of some keys what they were.
         *
         *     The history of a node is the mean over the runs that were written there, in each bucket of
         *     time: all of them sampled the same machine. With very many runs, of some machines not all of
         *     them are read; `coverage` tells the share that was.
         */
        readonly get: operations["metrics_api_cluster_metrics_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/compare": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Compare
         * @description Return config and summary of the runs, key by key, with what differs.
         */
        readonly get: operations["compare_api_compare_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/config": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Config
         * @description Return the settings that hold where the server runs; none of them is a secret.
         */
        readonly get: operations["config_api_config_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Events
         * @description Return events by time; `cursor` continues after them.
         */
        readonly get: operations["events_api_events_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/figures/{library}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Library
         * @description Return the JavaScript of a library that is installed where the server runs.
         */
        readonly get: operations["library_api_figures__library__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/figures/frame": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Frame
         * @description Return the page for a frame that draws one figure: no origin of ours, and no network.
         */
        readonly get: operations["frame_api_figures_frame_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/hardware/accelerators": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Accelerators
         * @description Return each accelerator with its present numbers; an empty list without any.
         */
        readonly get: operations["accelerators_api_hardware_accelerators_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/hardware/cpu": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Cpu
         * @description Return the processor's part of the system row.
         */
        readonly get: operations["cpu_api_hardware_cpu_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/index": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Status
         * @description Return where the index lies, and which run is being indexed.
         */
        readonly get: operations["status_api_index_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Keys
         * @description Return the keys that the runs (comma-separated) logged, sorted by name.
         */
        readonly get: operations["keys_api_keys_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/llm": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Calls
         * @description Return calls by time, of a run, a project or all.
         */
        readonly get: operations["calls_api_llm_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/llm/stats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Stats
         * @description Return counts, errors, percentiles (s), tokens and costs: total, by group, over time.
         */
        readonly get: operations["stats_api_llm_stats_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/login-codes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Login Code
         * @description Make a one-time code: `/login?code=CODE` lets one browser in, once.
         */
        readonly post: operations["login_code_api_login_codes_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/logs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Logs
         * @description Return console lines: carriage returns folded, colour codes kept.
         */
        readonly get: operations["logs_api_logs_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/logs/search": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Search
         * @description Return lines that hold a text or an expression, within a second or two.
         *
         *     Console text has neither level nor time. `coverage` is the share of the text that has been
         *     searched; `cursor` goes on from there, null at the end.
         */
        readonly get: operations["search_api_logs_search_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/media": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Media
         * @description Return what was logged as media, by step and key; files come by `/api/runs/{run}/files/`.
         */
        readonly get: operations["media_api_media_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/projects": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Projects
         * @description List every project, last active first.
         */
        readonly get: operations["projects_api_projects_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/projects/{project}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Project
         * @description Return one project with its runs counted by status.
         */
        readonly get: operations["project_api_projects__project__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/query": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Query
         * @description Return what one SELECT over runs, history, system, events, llm and checkpoints gives.
         *
         *     The SQL is DuckDB's; it reads these tables and nothing else, and changes nothing.
         */
        readonly post: operations["query_api_query_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/rows": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Rows
         * @description Return rows with dotted names, history merged per step; `cursor` continues after them.
         */
        readonly get: operations["rows_api_rows_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/run-groups": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Run Groups
         * @description Return groups of the runs that match, with counts and with numbers of some fields.
         */
        readonly get: operations["run_groups_api_run_groups_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/runs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Runs
         * @description Return one page of runs that match, and how many match in all.
         */
        readonly get: operations["runs_api_runs_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/runs/{run}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Run
         * @description Return one run with everything counted, its metadata and the size of its streams.
         */
        readonly get: operations["run_api_runs__run__get"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Discard
         * @description Move the run into the trash, from where `restore` takes it back.
         */
        readonly delete: operations["discard_api_runs__run__delete"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change
         * @description Change name, notes or tags. The edit is a line of the run, written by this server.
         */
        readonly patch: operations["change_api_runs__run__patch"];
        readonly trace?: never;
    };
    readonly "/api/runs/{run}/config": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Config
         * @description Return what the run was configured with, nested as it was given.
         */
        readonly get: operations["config_api_runs__run__config_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/runs/{run}/files": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Files
         * @description List the regular files of the run by path, at most 10,000.
         */
        readonly get: operations["files_api_runs__run__files_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/runs/{run}/files/{path}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * File
         * @description Send one file, as a download unless `inline`, always in a sandbox; takes a byte range.
         */
        readonly get: operations["file_api_runs__run__files__path__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/runs/{run}/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Metrics
         * @description Return merged history rows from the first step on, flat, with dotted names.
         */
        readonly get: operations["metrics_api_runs__run__metrics_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/runs/{run}/restore": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Restore
         * @description Take the run back out of the trash; `run` is its whole address.
         */
        readonly post: operations["restore_api_runs__run__restore_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/self": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * About
         * @description Return version, memory, clients and age of this server.
         */
        readonly get: operations["about_api_self_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/series": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Series
         * @description Return columns of the asked keys: every point, or buckets that lose no extreme.
         */
        readonly get: operations["series_api_series_get"];
        readonly put?: never;
        /**
         * Series By Body
         * @description Ask the same as `GET /api/series`, for lists that no address holds.
         */
        readonly post: operations["series_by_body_api_series_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/series/means": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Means
         * @description Return the mean over the runs of each group, its standard error, and how many tell it.
         */
        readonly get: operations["means_api_series_means_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/sweeps": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Sweeps
         * @description List the newest sweeps of a project, or of all, each with its standing and best trial.
         */
        readonly get: operations["sweeps_api_sweeps_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/sweeps/{sweep}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Sweep
         * @description Return one sweep with its parameters, and a page of its trials in the order of claims.
         */
        readonly get: operations["sweep_api_sweeps__sweep__get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/system/info": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Info
         * @description Return what this machine is.
         */
        readonly get: operations["info_api_system_info_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/system/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Metrics
         * @description Return one system row of this machine; the same names and units as logged ones.
         */
        readonly get: operations["metrics_api_system_metrics_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/system/status": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Metrics
         * @description Return one system row of this machine; the same names and units as logged ones.
         */
        readonly get: operations["metrics_api_system_status_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/views": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Every
         * @description Return all saved views by name.
         */
        readonly get: operations["every_api_views_get"];
        readonly put?: never;
        /**
         * Add
         * @description Save a new view; `data` is whatever the UI makes of it.
         */
        readonly post: operations["add_api_views_post"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/views/{view_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One
         * @description Return one saved view.
         */
        readonly get: operations["one_api_views__view_id__get"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Remove
         * @description Delete a view.
         */
        readonly delete: operations["remove_api_views__view_id__delete"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change
         * @description Change name, project or data of a view; what is left out stays.
         */
        readonly patch: operations["change_api_views__view_id__patch"];
        readonly trace?: never;
    };
    readonly "/metrics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Scrape
         * @description Return the newest numbers of living runs, at most 100, in Prometheus' text format.
         *
         *     Those that were written last come first; of summaries some 4 MiB are told.
         */
        readonly get: operations["scrape_metrics_get"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Accelerator
         * @description One accelerator: what it is, and its numbers under the names of a system row.
         */
        readonly Accelerator: {
            /** Bus Id */
            readonly bus_id?: string | null;
            /** Driver */
            readonly driver?: string | null;
            /** Index */
            readonly index: number;
            /** Kind */
            readonly kind: string;
            /** Memory Total Bytes */
            readonly memory_total_bytes?: number | null;
            /** Mig */
            readonly mig?: readonly components["schemas"]["AcceleratorPart"][] | null;
            /** Name */
            readonly name?: string | null;
            /** Processes */
            readonly processes?: readonly components["schemas"]["AcceleratorProcess"][] | null;
            /** Uuid */
            readonly uuid?: string | null;
        } & {
            readonly [key: string]: unknown;
        };
        /**
         * AcceleratorPart
         * @description A part of a divided accelerator.
         */
        readonly AcceleratorPart: {
            /** Index */
            readonly index: number;
            /** Memory Total Bytes */
            readonly memory_total_bytes: number | null;
            /** Name */
            readonly name: string | null;
            /** Uuid */
            readonly uuid: string | null;
        } & {
            readonly [key: string]: unknown;
        };
        /**
         * AcceleratorProcess
         * @description A process on an accelerator, and the run it belongs to: null if none, or another's.
         */
        readonly AcceleratorProcess: {
            /** Memory Used Bytes */
            readonly memory_used_bytes: number | null;
            /** Pid */
            readonly pid: number;
            /** Run */
            readonly run: string | null;
        } & {
            readonly [key: string]: unknown;
        };
        /**
         * Accelerators
         * @description The accelerators of this machine, none without a driver.
         */
        readonly Accelerators: {
            /** Accelerators */
            readonly accelerators: readonly components["schemas"]["Accelerator"][];
        };
        /**
         * Answer
         * @description Columns (name and DuckDB's type) and rows; `truncated` says that there were more.
         */
        readonly Answer: {
            /** Columns */
            readonly columns: readonly {
                readonly [key: string]: string;
            }[];
            /** Rows */
            readonly rows: readonly (readonly unknown[])[];
            /** Truncated */
            readonly truncated: boolean;
        };
        /**
         * ArtifactEdge
         * @description One run that made (`log`) or used (`use`) a version: `artifact` is `type/name:v3`.
         */
        readonly ArtifactEdge: {
            /** Artifact */
            readonly artifact: string;
            /** Op */
            readonly op: string;
            /** Run */
            readonly run: string;
            /** Timestamp */
            readonly timestamp: string | null;
        };
        /**
         * ArtifactEntry
         * @description One file, or a reference: `digest` is base64 of MD5, `size` null where nobody knows it.
         */
        readonly ArtifactEntry: {
            /** Digest */
            readonly digest: string;
            /** Path */
            readonly path: string;
            /** Ref */
            readonly ref: string | null;
            /** Sha256 */
            readonly sha256: string | null;
            /** Size */
            readonly size: number | null;
        };
        /**
         * ArtifactList
         * @description Artifacts by type and name.
         */
        readonly ArtifactList: {
            /** Artifacts */
            readonly artifacts: readonly components["schemas"]["ArtifactName"][];
        };
        /**
         * ArtifactName
         * @description One artifact: `size` is the bytes of all versions, `stored` those that they take on disk.
         */
        readonly ArtifactName: {
            /** Created At */
            readonly created_at: string | null;
            /** Latest */
            readonly latest: string;
            /** Name */
            readonly name: string;
            /** Projects */
            readonly projects: readonly string[];
            /** Size */
            readonly size: number;
            /** Stored */
            readonly stored: number;
            /** Type */
            readonly type: string;
            /** Updated At */
            readonly updated_at: string | null;
            /** Versions */
            readonly versions: number;
        };
        /**
         * ArtifactVersion
         * @description One version: `run` is the address of the run that logged it first, null without one.
         */
        readonly ArtifactVersion: {
            /** Aliases */
            readonly aliases: readonly string[];
            /** Created At */
            readonly created_at: string | null;
            /** Digest */
            readonly digest: string;
            /** File Count */
            readonly file_count: number;
            /** Name */
            readonly name: string;
            /** Project */
            readonly project: string;
            /** Run */
            readonly run: string | null;
            /** Size */
            readonly size: number;
            /** Tags */
            readonly tags: readonly string[];
            /** Type */
            readonly type: string;
            /** Version */
            readonly version: string;
        };
        /**
         * ArtifactVersionDetail
         * @description One version with what is said of it, its files by path, and the runs that used it.
         */
        readonly ArtifactVersionDetail: {
            /** Aliases */
            readonly aliases: readonly string[];
            /** Created At */
            readonly created_at: string | null;
            /** Description */
            readonly description: string | null;
            /** Digest */
            readonly digest: string;
            /** File Count */
            readonly file_count: number;
            /** Files */
            readonly files: readonly components["schemas"]["ArtifactEntry"][];
            /** Metadata */
            readonly metadata: {
                readonly [key: string]: unknown;
            };
            /** Name */
            readonly name: string;
            /** Project */
            readonly project: string;
            /** Run */
            readonly run: string | null;
            /** Size */
            readonly size: number;
            /** Source */
            readonly source: string | null;
            /** Tags */
            readonly tags: readonly string[];
            /** Ttl S */
            readonly ttl_s: number | null;
            /** Type */
            readonly type: string;
            /** Used By */
            readonly used_by: readonly string[];
            /** Version */
            readonly version: string;
        };
        /**
         * ArtifactVersionList
         * @description The versions of an artifact, the newest first.
         */
        readonly ArtifactVersionList: {
            /** Versions */
            readonly versions: readonly components["schemas"]["ArtifactVersion"][];
        };
        /**
         * BestTrial
         * @description The trial with the best metric so far.
         */
        readonly BestTrial: {
            /** Number */
            readonly number: number;
            /** Run */
            readonly run: string | null;
            /** Value */
            readonly value: number;
        };
        /**
         * Checkpoint
         * @description One checkpoint save, load or listing: seconds, `size` in bytes, MB = 1e6 bytes.
         *
         *     `blocked` is how long training waited, `duration` how long until it was durable; `kept` is
         *     why it stays when others go, `removed_at` when it went.
         */
        readonly Checkpoint: {
            /** Blocked */
            readonly blocked: number | null;
            /** Duration */
            readonly duration: number | null;
            /** Error Type */
            readonly error_type: string | null;
            /** Format */
            readonly format: string | null;
            /** Kept */
            readonly kept: string | null;
            /** Mb Per S */
            readonly mb_per_s: number | null;
            /** Operation */
            readonly operation: string;
            /** Path */
            readonly path: string | null;
            /** Removed At */
            readonly removed_at: string | null;
            /** Run */
            readonly run: string;
            /** Size */
            readonly size: number | null;
            /** Step */
            readonly step: number | null;
            /** Success */
            readonly success: boolean;
            /** Timestamp */
            readonly timestamp: string | null;
        };
        /**
         * CheckpointAdvice
         * @description How often to save, by Young and Daly: seconds of work between two saves.
         *
         *     `overhead` is the share of time that saves and lost work add at that interval, and
         *     `current_overhead` at the median interval of now. Without failures `mtbf_s` is None, and so
         *     is what follows from it. `mtbf_basis` says in words where it comes from, `interruptions` in
         *     numbers; None where it was given.
         */
        readonly CheckpointAdvice: {
            /** Current Interval S */
            readonly current_interval_s: number | null;
            /** Current Overhead */
            readonly current_overhead: number | null;
            readonly interruptions: components["schemas"]["Interruptions"] | null;
            /** Interval S */
            readonly interval_s: number | null;
            /** Interval Steps */
            readonly interval_steps: number | null;
            /** Mtbf Basis */
            readonly mtbf_basis: string;
            /** Mtbf S */
            readonly mtbf_s: number | null;
            /** Overhead */
            readonly overhead: number | null;
            /** Save Cost S */
            readonly save_cost_s: number;
        };
        /**
         * CheckpointPage
         * @description Every checkpoint in time order, numbers over them, and advice where a save tells its cost.
         */
        readonly CheckpointPage: {
            readonly advice: components["schemas"]["CheckpointAdvice"] | null;
            /** Checkpoints */
            readonly checkpoints: readonly components["schemas"]["Checkpoint"][];
            readonly stats: components["schemas"]["CheckpointStats"];
        };
        /**
         * CheckpointStats
         * @description Numbers over all checkpoints: seconds, bytes, GB = 1e9 bytes.
         *
         *     `median_s` and `gb_per_s` are of saves that succeeded; `blocked_share` is the share of the
         *     runs' time in which training waited, 0 to 1 or None.
         */
        readonly CheckpointStats: {
            /** Blocked S */
            readonly blocked_s: number;
            /** Blocked Share */
            readonly blocked_share: number | null;
            /** Bytes */
            readonly bytes: number;
            /** Count */
            readonly count: number;
            /** Failures */
            readonly failures: number;
            /** Gb Per S */
            readonly gb_per_s: number | null;
            /** Median S */
            readonly median_s: number | null;
            /** Saves */
            readonly saves: number;
            /** Total S */
            readonly total_s: number;
        };
        /**
         * Compared
         * @description One dotted key over the compared runs; a run without it has None and `differs`.
         */
        readonly Compared: {
            /** Differs */
            readonly differs: boolean;
            /** Key */
            readonly key: string;
            /** Values */
            readonly values: readonly unknown[];
        };
        /**
         * Comparison
         * @description Runs side by side; `values` follow the order of `runs`.
         */
        readonly Comparison: {
            /** Config */
            readonly config: readonly components["schemas"]["Compared"][];
            /** Runs */
            readonly runs: readonly components["schemas"]["Run"][];
            /** Summary */
            readonly summary: readonly components["schemas"]["Compared"][];
        };
        /**
         * ConsoleLine
         * @description One line of captured console text and the byte it starts at; colour codes are kept.
         */
        readonly ConsoleLine: {
            /** Offset */
            readonly offset: number;
            /** Text */
            readonly text: string;
        };
        /**
         * ConsolePage
         * @description Console lines from byte `offset` to `next_offset` of a text of `size` bytes.
         *
         *     `ranks` are those of the job that have a text.
         */
        readonly ConsolePage: {
            /** Lines */
            readonly lines: readonly components["schemas"]["ConsoleLine"][];
            /** Next Offset */
            readonly next_offset: number;
            /** Offset */
            readonly offset: number;
            /** Ranks */
            readonly ranks: readonly number[];
            /** Size */
            readonly size: number;
        };
        /**
         * Event
         * @description One event; `logger` is its kind, `writer` is None for the run's creator.
         */
        readonly Event: {
            /** Data */
            readonly data: {
                readonly [key: string]: unknown;
            };
            /** Level */
            readonly level: string;
            /** Logger */
            readonly logger: string;
            /** Message */
            readonly message: string;
            /** Rank */
            readonly rank?: number | null;
            /** Seq */
            readonly seq: number | null;
            /** Span Id */
            readonly span_id?: string | null;
            /** Timestamp */
            readonly timestamp: string | null;
            /** Trace Id */
            readonly trace_id?: string | null;
            /** Writer */
            readonly writer: string | null;
        };
        /**
         * EventPage
         * @description One page of events; `total` counts all that match.
         */
        readonly EventPage: {
            /** Bad Lines */
            readonly bad_lines: number;
            /** Cursor */
            readonly cursor: string | null;
            /** Events */
            readonly events: readonly components["schemas"]["Event"][];
            /** Total */
            readonly total: number;
        };
        /**
         * FileEntry
         * @description One file of a run: size in bytes, `modified` in epoch seconds.
         */
        readonly FileEntry: {
            /** Modified */
            readonly modified: number;
            /** Path */
            readonly path: string;
            /** Size */
            readonly size: number;
        };
        /**
         * FileList
         * @description The files of a run by path; `truncated` says that there are more.
         */
        readonly FileList: {
            /** Files */
            readonly files: readonly components["schemas"]["FileEntry"][];
            /** Truncated */
            readonly truncated: boolean;
        };
        /**
         * FoundLine
         * @description One line that was searched for, at most 10,000 characters of it.
         *
         *     `stream` is stdout, stderr, app, alerts or events; `rank` that of the process, None where an
         *     event does not tell it; `offset` the byte it begins at, in the text of the console or in the
         *     writer's segment. Console text has no time, level or logger.
         */
        readonly FoundLine: {
            /** Level */
            readonly level: string | null;
            /** Logger */
            readonly logger: string | null;
            /** Offset */
            readonly offset: number;
            /** Rank */
            readonly rank: number | null;
            /** Stream */
            readonly stream: string;
            /** Text */
            readonly text: string;
            /** Timestamp */
            readonly timestamp: string | null;
            /** Writer */
            readonly writer: string | null;
        };
        /**
         * GroupColumns
         * @description One key over the runs of a group: columns of equal length, see `GroupSeries`.
         */
        readonly GroupColumns: {
            /** Group */
            readonly group: string | null;
            /** Hi */
            readonly hi: readonly number[];
            /** Key */
            readonly key: string;
            /** Lo */
            readonly lo: readonly number[];
            /** Mean */
            readonly mean: readonly number[];
            /** N */
            readonly n: readonly number[];
            /** Runs */
            readonly runs: readonly string[];
            /** Stderr */
            readonly stderr: readonly (number | string)[];
            /** X */
            readonly x: readonly number[];
        };
        /**
         * GroupTable
         * @description The asked groups, each with every asked key.
         */
        readonly GroupTable: {
            /** Coverage */
            readonly coverage: number;
            /** Groups */
            readonly groups: readonly components["schemas"]["GroupColumns"][];
            /** Revs */
            readonly revs: {
                readonly [key: string]: string;
            };
        };
        /**
         * IndexFacts
         * @description Where the index lies, the run that is being indexed, bytes read of it, runs that wait.
         */
        readonly IndexFacts: {
            /** Place */
            readonly place: string;
            /** Read Bytes */
            readonly read_bytes: number;
            /** Run */
            readonly run: string | null;
            /** Waiting */
            readonly waiting: number;
        };
        /**
         * Interruptions
         * @description How often runs were interrupted from outside, in how many seconds, over how many runs.
         */
        readonly Interruptions: {
            /** Count */
            readonly count: number;
            /** Lasted S */
            readonly lasted_s: number;
            /** Runs */
            readonly runs: number;
        };
        /**
         * Key
         * @description One key: its dotted name, kind of value, number of values, last value, number of runs.
         *
         *     `kind` is number, bool, string, list, object, or the `_type` of a media value (histogram,
         *     image-file, ...). A last value of more than 1 kB as JSON is cut: to the beginning of a text, the
         *     first entry of each kind of a list, the short values of an object; None for all else.
         */
        readonly Key: {
            /** Count */
            readonly count: number;
            /** Key */
            readonly key: string;
            /** Kind */
            readonly kind: string;
            /** Last */
            readonly last: unknown;
            /** Runs */
            readonly runs: number;
        };
        /**
         * KeyPage
         * @description Keys of the asked runs, sorted by name; of very many the first, and `total` counts all.
         */
        readonly KeyPage: {
            /**
             * Coverage
             * @default 1
             */
            readonly coverage: number;
            /** Keys */
            readonly keys: readonly components["schemas"]["Key"][];
            /** Total */
            readonly total: number;
        };
        /**
         * Lineage
         * @description The edges around one version; `truncated` says that there are more beyond the depth.
         */
        readonly Lineage: {
            /** Edges */
            readonly edges: readonly components["schemas"]["ArtifactEdge"][];
            /** Start */
            readonly start: string;
            /** Truncated */
            readonly truncated: boolean;
        };
        /**
         * LlmBucket
         * @description The same numbers for the calls that started in [t0, t1), epoch seconds.
         */
        readonly LlmBucket: {
            /** Completion Tokens */
            readonly completion_tokens: number;
            /** Cost */
            readonly cost: number | null;
            /** Cost Basis */
            readonly cost_basis: string | null;
            /** Count */
            readonly count: number;
            /** Error Rate */
            readonly error_rate: number;
            /** Errors */
            readonly errors: number;
            /** P50 */
            readonly p50: number | null;
            /** P90 */
            readonly p90: number | null;
            /** P95 */
            readonly p95: number | null;
            /** P99 */
            readonly p99: number | null;
            /** Prompt Tokens */
            readonly prompt_tokens: number;
            /** T0 */
            readonly t0: number;
            /** T1 */
            readonly t1: number;
            /** Tokens Per Second */
            readonly tokens_per_second: number | null;
            /** Ttft P50 */
            readonly ttft_p50: number | null;
            /** Ttft P90 */
            readonly ttft_p90: number | null;
            /** Ttft P95 */
            readonly ttft_p95: number | null;
            /** Ttft P99 */
            readonly ttft_p99: number | null;
            /** Unpriced */
            readonly unpriced: number;
        };
        /**
         * LlmCall
         * @description One LLM call; times in seconds, None where the line does not say.
         *
         *     `cost` is in US dollars, None where nobody knows it; `cost_basis` says who does: `given` (the
         *     line), `file` (the user's prices) or `genai-prices` (that package's table).
         */
        readonly LlmCall: {
            /** Completion Tokens */
            readonly completion_tokens: number | null;
            /** Cost */
            readonly cost: number | null;
            /** Cost Basis */
            readonly cost_basis: string | null;
            /** Data */
            readonly data: {
                readonly [key: string]: unknown;
            };
            /** Error */
            readonly error: string | null;
            /** Error Type */
            readonly error_type: string | null;
            /** Model */
            readonly model: string;
            /** Operation */
            readonly operation: string;
            /** Prompt Tokens */
            readonly prompt_tokens: number | null;
            /** Provider */
            readonly provider: string;
            /** Response Time */
            readonly response_time: number | null;
            /** Run */
            readonly run: string;
            /** Seq */
            readonly seq: number | null;
            /** Success */
            readonly success: boolean;
            /** Timestamp */
            readonly timestamp: string | null;
            /** Ttft */
            readonly ttft: number | null;
        };
        /**
         * LlmGroup
         * @description The same numbers for the calls with one text in the field that was asked for.
         */
        readonly LlmGroup: {
            /** Completion Tokens */
            readonly completion_tokens: number;
            /** Cost */
            readonly cost: number | null;
            /** Cost Basis */
            readonly cost_basis: string | null;
            /** Count */
            readonly count: number;
            /** Error Rate */
            readonly error_rate: number;
            /** Errors */
            readonly errors: number;
            /** Group */
            readonly group: string;
            /** P50 */
            readonly p50: number | null;
            /** P90 */
            readonly p90: number | null;
            /** P95 */
            readonly p95: number | null;
            /** P99 */
            readonly p99: number | null;
            /** Prompt Tokens */
            readonly prompt_tokens: number;
            /** Tokens Per Second */
            readonly tokens_per_second: number | null;
            /** Ttft P50 */
            readonly ttft_p50: number | null;
            /** Ttft P90 */
            readonly ttft_p90: number | null;
            /** Ttft P95 */
            readonly ttft_p95: number | null;
            /** Ttft P99 */
            readonly ttft_p99: number | null;
            /** Unpriced */
            readonly unpriced: number;
        };
        /**
         * LlmHeat
         * @description Calls by time and latency.
         *
         *     `t` holds the n+1 edges in epoch seconds and `latency` the m+1 log-spaced edges in seconds;
         *     `counts[i][j]` counts calls in time column i and latency row j.
         */
        readonly LlmHeat: {
            /** Counts */
            readonly counts: readonly (readonly number[])[];
            /** Latency */
            readonly latency: readonly number[];
            /** T */
            readonly t: readonly number[];
        };
        /**
         * LlmNumbers
         * @description Numbers over a set of calls: seconds for percentiles, 0 to 1 for `error_rate`.
         *
         *     Percentiles are None without a timed call; `tokens_per_second` is completion tokens over
         *     response time of the calls that tell both. `cost` is the sum in US dollars over the calls
         *     whose cost is known, None without one; `unpriced` counts the others that succeeded, and
         *     `cost_basis` names all that told one, with commas.
         */
        readonly LlmNumbers: {
            /** Completion Tokens */
            readonly completion_tokens: number;
            /** Cost */
            readonly cost: number | null;
            /** Cost Basis */
            readonly cost_basis: string | null;
            /** Count */
            readonly count: number;
            /** Error Rate */
            readonly error_rate: number;
            /** Errors */
            readonly errors: number;
            /** P50 */
            readonly p50: number | null;
            /** P90 */
            readonly p90: number | null;
            /** P95 */
            readonly p95: number | null;
            /** P99 */
            readonly p99: number | null;
            /** Prompt Tokens */
            readonly prompt_tokens: number;
            /** Tokens Per Second */
            readonly tokens_per_second: number | null;
            /** Ttft P50 */
            readonly ttft_p50: number | null;
            /** Ttft P90 */
            readonly ttft_p90: number | null;
            /** Ttft P95 */
            readonly ttft_p95: number | null;
            /** Ttft P99 */
            readonly ttft_p99: number | null;
            /** Unpriced */
            readonly unpriced: number;
        };
        /**
         * LlmPage
         * @description One page of calls; `total` counts all that match.
         */
        readonly LlmPage: {
            /** Calls */
            readonly calls: readonly components["schemas"]["LlmCall"][];
            /** Cursor */
            readonly cursor: string | null;
            /** Total */
            readonly total: number;
        };
        /**
         * LlmStats
         * @description Numbers over all matching calls, by group (most calls first), and over time.
         *
         *     Of very many groups those with the most calls are told; `group_count` says how many there are.
         *     `cost_note` says what is wrong with the user's file of prices, if anything is.
         */
        readonly LlmStats: {
            /** Cost Note */
            readonly cost_note: string | null;
            /**
             * Coverage
             * @default 1
             */
            readonly coverage: number;
            /** Group Count */
            readonly group_count: number;
            /** Groups */
            readonly groups: readonly components["schemas"]["LlmGroup"][];
            readonly heat: components["schemas"]["LlmHeat"];
            /** Timeline */
            readonly timeline: readonly components["schemas"]["LlmBucket"][];
            readonly total: components["schemas"]["LlmNumbers"];
        };
        /**
         * LoginCode
         * @description A code that `/login?code=` takes once.
         */
        readonly LoginCode: {
            /** Code */
            readonly code: string;
        };
        /**
         * MachineFacts
         * @description What this machine is.
         */
        readonly MachineFacts: {
            /** Boot Id */
            readonly boot_id: string | null;
            /** Cpu Count */
            readonly cpu_count: number | null;
            /** Cpu Model */
            readonly cpu_model: string | null;
            /** Hostname */
            readonly hostname: string;
            /** Memory Gb */
            readonly memory_gb: number | null;
            /** Platform */
            readonly platform: string;
            /** Python Version */
            readonly python_version: string;
        };
        /**
         * MediaItem
         * @description One value that was logged as media.
         *
         *     `type` is the record's `_type`, `record` what stands in the row: its files lie in the run under
         *     the paths it names. `vega_lite` is what to draw of a table, None without that; its data are
         *     called `table`.
         */
        readonly MediaItem: {
            /** Key */
            readonly key: string;
            /** Record */
            readonly record: {
                readonly [key: string]: unknown;
            };
            /** Step */
            readonly step: number;
            /** Timestamp */
            readonly timestamp: string | null;
            /** Type */
            readonly type: string;
            /** Vega Lite */
            readonly vega_lite?: {
                readonly [key: string]: unknown;
            } | null;
        };
        /**
         * MediaPage
         * @description One page of media; `total` counts all that match, before the cursor too.
         */
        readonly MediaPage: {
            /** Cursor */
            readonly cursor: string | null;
            /** Media */
            readonly media: readonly components["schemas"]["MediaItem"][];
            /** Total */
            readonly total: number;
        };
        /**
         * Node
         * @description One machine: `status` is up or silent; `metrics` its newest system row, if any.
         */
        readonly Node: {
            /** Last Seen */
            readonly last_seen: string | null;
            /** Metrics */
            readonly metrics: {
                readonly [key: string]: unknown;
            };
            /** Node */
            readonly node: string;
            /** Runs */
            readonly runs: number;
            /** Status */
            readonly status: string;
        };
        /**
         * NodeHistory
         * @description The machines that take part, and by machine (`group`) and key what was asked of before.
         *
         *     With a `coverage` below 1 the history does not rest on all runs that tell of these machines.
         */
        readonly NodeHistory: {
            /** Coverage */
            readonly coverage: number;
            /** History */
            readonly history: readonly components["schemas"]["GroupColumns"][];
            /** Nodes */
            readonly nodes: readonly components["schemas"]["Node"][];
        };
        /**
         * NodeList
         * @description The machines that take part, by name.
         */
        readonly NodeList: {
            /** Nodes */
            readonly nodes: readonly components["schemas"]["Node"][];
        };
        /**
         * NonFinite
         * @description One value that no line can draw: `value` is NaN, Infinity or -Infinity.
         */
        readonly NonFinite: {
            /** Value */
            readonly value: string;
            /** X */
            readonly x: number;
        };
        /**
         * ProblemBody
         * @description Every reply of 400 or more (RFC 9457).
         */
        readonly ProblemBody: {
            /** Detail */
            readonly detail: string;
            /** Status */
            readonly status: number;
            /** Title */
            readonly title: string;
            /** Type */
            readonly type: string;
        };
        /**
         * ProcessorRow
         * @description The processor: what it is, and its part of the system row.
         */
        readonly ProcessorRow: {
            /** Count */
            readonly count: number | null;
            /** Cpu Percent */
            readonly cpu_percent: number | null;
            /** Cpu Percent Per Core */
            readonly cpu_percent_per_core: readonly number[] | null;
            /** Model */
            readonly model: string | null;
            /** Timestamp */
            readonly timestamp: string;
        } & {
            readonly [key: string]: unknown;
        };
        /**
         * Project
         * @description One project; `statuses` counts its runs by status, `last_activity` is None without runs.
         */
        readonly Project: {
            /** Last Activity */
            readonly last_activity: string | null;
            /** Project */
            readonly project: string;
            /** Running */
            readonly running: number;
            /** Runs */
            readonly runs: number;
            /** Statuses */
            readonly statuses: {
                readonly [key: string]: number;
            };
        };
        /**
         * ProjectList
         * @description Every project, last active first.
         */
        readonly ProjectList: {
            /** Projects */
            readonly projects: readonly components["schemas"]["Project"][];
        };
        /**
         * RowPage
         * @description Rows with dotted names; history rows are merged per step. `cursor` continues after them.
         */
        readonly RowPage: {
            /** Cursor */
            readonly cursor: string | null;
            /** Rows */
            readonly rows: readonly {
                readonly [key: string]: unknown;
            }[];
        };
        /**
         * Run
         * @description One run as a table shows it.
         *
         *     `status` is one of running, finished, failed, killed, crashed, preempted, stale. Of a running
         *     run, `silent_s` is the seconds since its last row, and `stalled` whether that is more than its
         *     own rhythm explains. `config` stays nested, `summary` is flat. `bad_lines`, `gaps`,
         *     `checkpoints` and `llm_calls` are None where they were not counted: a listing reads no lines
         *     of a run that has ended.
         */
        readonly Run: {
            /** Bad Lines */
            readonly bad_lines?: number | null;
            /** Checkpoints */
            readonly checkpoints?: number | null;
            /** Config */
            readonly config: {
                readonly [key: string]: unknown;
            };
            /** Created At */
            readonly created_at: string | null;
            /** Duration S */
            readonly duration_s: number | null;
            /** Ended At */
            readonly ended_at: string | null;
            /** Exit Code */
            readonly exit_code: number | null;
            /** Gaps */
            readonly gaps?: number | null;
            /** Git Commit */
            readonly git_commit: string | null;
            /** Group */
            readonly group: string | null;
            /** Host */
            readonly host: string | null;
            /** Job Type */
            readonly job_type: string | null;
            /** Llm Calls */
            readonly llm_calls?: number | null;
            /** Name */
            readonly name: string;
            /** Notes */
            readonly notes: string | null;
            /** Pid */
            readonly pid: number | null;
            /** Program */
            readonly program: string | null;
            /** Project */
            readonly project: string;
            /** Python Version */
            readonly python_version: string | null;
            /** Run */
            readonly run: string;
            /** Run Id */
            readonly run_id: string;
            /** Silent S */
            readonly silent_s?: number | null;
            /**
             * Stalled
             * @default false
             */
            readonly stalled: boolean;
            /** Status */
            readonly status: string;
            /** Step */
            readonly step: number | null;
            /** Summary */
            readonly summary: {
                readonly [key: string]: unknown;
            };
            /** Tags */
            readonly tags: readonly string[];
            /** Updated At */
            readonly updated_at: string | null;
            /** Writers */
            readonly writers: number;
        };
        /**
         * RunEdit
         * @description What to change; a field that is left out stays as it is.
         */
        readonly RunEdit: {
            /** Name */
            readonly name?: string | null;
            /** Notes */
            readonly notes?: string | null;
            /** Tags */
            readonly tags?: readonly string[] | null;
        };
        /**
         * RunGroup
         * @description Runs that have the same values in some fields, counted by status too.
         *
         *     A value is a text, a number, a boolean, or None; an object is a text of JSON.
         */
        readonly RunGroup: {
            /** Columns */
            readonly columns: {
                readonly [key: string]: components["schemas"]["RunNumbers"];
            };
            /** Count */
            readonly count: number;
            /** Statuses */
            readonly statuses: {
                readonly [key: string]: number;
            };
            /** Values */
            readonly values: {
                readonly [key: string]: unknown;
            };
        };
        /**
         * RunGroups
         * @description The first groups of runs; `total` counts all groups, and `runs` the runs in them.
         */
        readonly RunGroups: {
            /** Groups */
            readonly groups: readonly components["schemas"]["RunGroup"][];
            /** Runs */
            readonly runs: number;
            /** Total */
            readonly total: number;
        };
        /**
         * RunNumbers
         * @description What the runs of a group say of a field; `count` of them say a finite number.
         */
        readonly RunNumbers: {
            /** Count */
            readonly count: number;
            /** Max */
            readonly max: number | null;
            /** Mean */
            readonly mean: number | null;
            /** Min */
            readonly min: number | null;
        };
        /**
         * RunPage
         * @description One page of runs; `total` counts all that match, `cursor` is None on the last page.
         */
        readonly RunPage: {
            /**
             * Coverage
             * @default 1
             */
            readonly coverage: number;
            /** Cursor */
            readonly cursor: string | null;
            /** Runs */
            readonly runs: readonly components["schemas"]["Run"][];
            /** Total */
            readonly total: number;
        };
        /**
         * RunReply
         * @description One run with its metadata, and the size of each stream by name.
         */
        readonly RunReply: {
            /** Bad Lines */
            readonly bad_lines?: number | null;
            /** Checkpoints */
            readonly checkpoints?: number | null;
            /** Config */
            readonly config: {
                readonly [key: string]: unknown;
            };
            /** Created At */
            readonly created_at: string | null;
            /** Duration S */
            readonly duration_s: number | null;
            /** Ended At */
            readonly ended_at: string | null;
            /** Exit Code */
            readonly exit_code: number | null;
            /** Gaps */
            readonly gaps?: number | null;
            /** Git Commit */
            readonly git_commit: string | null;
            /** Group */
            readonly group: string | null;
            /** Host */
            readonly host: string | null;
            /** Job Type */
            readonly job_type: string | null;
            /** Llm Calls */
            readonly llm_calls?: number | null;
            /** Metadata */
            readonly metadata: {
                readonly [key: string]: unknown;
            };
            /** Name */
            readonly name: string;
            /** Notes */
            readonly notes: string | null;
            /** Pid */
            readonly pid: number | null;
            /** Program */
            readonly program: string | null;
            /** Project */
            readonly project: string;
            /** Python Version */
            readonly python_version: string | null;
            /** Run */
            readonly run: string;
            /** Run Id */
            readonly run_id: string;
            /** Silent S */
            readonly silent_s?: number | null;
            /**
             * Stalled
             * @default false
             */
            readonly stalled: boolean;
            /** Status */
            readonly status: string;
            /** Step */
            readonly step: number | null;
            /** Streams */
            readonly streams: {
                readonly [key: string]: components["schemas"]["StreamSize"];
            };
            /** Summary */
            readonly summary: {
                readonly [key: string]: unknown;
            };
            /** Tags */
            readonly tags: readonly string[];
            /** Updated At */
            readonly updated_at: string | null;
            /** Writers */
            readonly writers: number;
        };
        /**
         * SavedView
         * @description One view: `data` is the UI's own; a view without a name stands for a link only.
         *
         *     `project` is where it is offered, null for everywhere; `version` is that of the document.
         */
        readonly SavedView: {
            /** Created At */
            readonly created_at: string;
            /** Data */
            readonly data: {
                readonly [key: string]: unknown;
            };
            /** Id */
            readonly id: string;
            /** Name */
            readonly name: string | null;
            /** Project */
            readonly project: string | null;
            /** Updated At */
            readonly updated_at: string;
            /** Version */
            readonly version: number;
        };
        /**
         * SearchPage
         * @description Lines as they stand in the files, writer by writer.
         *
         *     A page ends when it is full or its time is up: `cursor` goes on, None at the end; `coverage`
         *     is the share of the bytes searched so far. `bad_lines` counts those of this page's part.
         */
        readonly SearchPage: {
            /** Bad Lines */
            readonly bad_lines: number;
            /** Coverage */
            readonly coverage: number;
            /** Cursor */
            readonly cursor: string | null;
            /** Lines */
            readonly lines: readonly components["schemas"]["FoundLine"][];
        };
        /**
         * SeriesColumns
         * @description One key of one run: columns of equal length `n`; `lo`, `hi`, `mean`, `cnt` unless `exact`.
         */
        readonly SeriesColumns: {
            /** Attempt */
            readonly attempt: number;
            /** Cnt */
            readonly cnt?: readonly number[] | null;
            /** Exact */
            readonly exact: boolean;
            /** Hi */
            readonly hi?: readonly number[] | null;
            /** Key */
            readonly key: string;
            /** Last */
            readonly last: readonly number[];
            /** Lo */
            readonly lo?: readonly number[] | null;
            /** Mean */
            readonly mean?: readonly number[] | null;
            /** N */
            readonly n: number;
            /** Nonfinite */
            readonly nonfinite: readonly components["schemas"]["NonFinite"][];
            /** Rev */
            readonly rev: string;
            /** Run */
            readonly run: string;
            /** Total */
            readonly total: number;
            /** X */
            readonly x: readonly number[];
        };
        /**
         * SeriesQuestion
         * @description The same question as the query string of `GET /api/series`, for long lists.
         */
        readonly SeriesQuestion: {
            /** Keys */
            readonly keys: readonly string[];
            /**
             * Px
             * @default 1000
             */
            readonly px: number;
            /** Runs */
            readonly runs: readonly string[];
            /** Since */
            readonly since?: {
                readonly [key: string]: string;
            } | null;
            /** Smooth */
            readonly smooth?: string | null;
            /**
             * Stream
             * @default history
             * @enum {string}
             */
            readonly stream: "history" | "system";
            /** X */
            readonly x?: string | null;
            /** X0 */
            readonly x0?: number | null;
            /** X1 */
            readonly x1?: number | null;
            /**
             * Y
             * @description f32: values of a binary frame in 32 bits, for slow links
             * @default f64
             * @enum {string}
             */
            readonly y: "f64" | "f32";
        };
        /**
         * SeriesTable
         * @description The asked series, run by run and key by key.
         */
        readonly SeriesTable: {
            /** Coverage */
            readonly coverage: number;
            /** Revs */
            readonly revs: {
                readonly [key: string]: string;
            };
            /** Series */
            readonly series: readonly components["schemas"]["SeriesColumns"][];
        };
        /**
         * ServerConfig
         * @description What the settings' file and the environment of the server say, here and now.
         *
         *     `data_retention_days` is how long what may be removed is kept.
         */
        readonly ServerConfig: {
            /** Data Retention Days */
            readonly data_retention_days: number;
            /** Settings */
            readonly settings: readonly components["schemas"]["SettingFact"][];
        };
        /**
         * ServerFacts
         * @description What this server is: memory in bytes, times in seconds or RFC 3339.
         */
        readonly ServerFacts: {
            /** Clients */
            readonly clients: number;
            /** Pid */
            readonly pid: number;
            /** Root */
            readonly root: string;
            /** Rss Bytes */
            readonly rss_bytes: number;
            /** Started At */
            readonly started_at: string;
            /** Ui Built */
            readonly ui_built: boolean;
            /** Uptime S */
            readonly uptime_s: number;
            /** Version */
            readonly version: string;
        };
        /**
         * SettingFact
         * @description One setting as its environment variable is written, and what it is if nobody says.
         */
        readonly SettingFact: {
            /** Default */
            readonly default: string;
            /** Name */
            readonly name: string;
            /** Value */
            readonly value: string;
        };
        /**
         * SqlQuestion
         * @description One SELECT, and the runs that its tables hold: these, those of a project, or all.
         */
        readonly SqlQuestion: {
            /**
             * F
             * @default
             */
            readonly f: string;
            /**
             * Limit
             * @default 10000
             */
            readonly limit: number;
            /** Project */
            readonly project?: string | null;
            /**
             * Runs
             * @default []
             */
            readonly runs: readonly string[];
            /** Sql */
            readonly sql: string;
        };
        /**
         * StreamSize
         * @description How much of one stream lies on disk; `lines` counts every line, headers and bad ones too.
         */
        readonly StreamSize: {
            /** Bytes */
            readonly bytes: number;
            /** Lines */
            readonly lines: number;
            /** Segments */
            readonly segments: number;
        };
        /**
         * SweepDetail
         * @description One sweep with its parameters and a page of its trials in the order of claims.
         *
         *     `cursor` is the number after which the next page begins, null at the end.
         */
        readonly SweepDetail: {
            readonly best: components["schemas"]["BestTrial"] | null;
            /** Count */
            readonly count: number;
            /** Created At */
            readonly created_at: string | null;
            /** Cursor */
            readonly cursor: number | null;
            /** Description */
            readonly description: string | null;
            /** Limit */
            readonly limit: number | null;
            /** Method */
            readonly method: string;
            readonly metric: components["schemas"]["SweepMetric"] | null;
            /** Name */
            readonly name: string;
            /** Parameters */
            readonly parameters: readonly components["schemas"]["SweepParameter"][];
            /** Project */
            readonly project: string;
            /** State */
            readonly state: string;
            /** States */
            readonly states: {
                readonly [key: string]: number;
            };
            /** Sweep */
            readonly sweep: string;
            /** Sweep Id */
            readonly sweep_id: string;
            /** Trials */
            readonly trials: readonly components["schemas"]["SweepTrial"][];
            /** Updated At */
            readonly updated_at: string | null;
        };
        /**
         * SweepList
         * @description Sweeps, the newest first; `total` is how many there are.
         */
        readonly SweepList: {
            /** Sweeps */
            readonly sweeps: readonly components["schemas"]["SweepSummary"][];
            /** Total */
            readonly total: number;
        };
        /**
         * SweepMetric
         * @description What trials are judged by: `goal` is `minimize` or `maximize`, `target` ends the sweep.
         */
        readonly SweepMetric: {
            /** Goal */
            readonly goal: string;
            /** Name */
            readonly name: string;
            /** Target */
            readonly target: number | null;
        };
        /**
         * SweepParameter
         * @description One parameter: its name with dots, its distribution, and the fields of that.
         *
         *     They are `min` and `max`, `values`, `mu` and `sigma` and so on, defaults included; `varies` is
         *     false where trials cannot differ in it.
         */
        readonly SweepParameter: {
            /** Fields */
            readonly fields: {
                readonly [key: string]: unknown;
            };
            /** Kind */
            readonly kind: string;
            /** Name */
            readonly name: string;
            /** Varies */
            readonly varies: boolean;
        };
        /**
         * SweepSummary
         * @description One sweep: `sweep` is its address, `project/id`.
         *
         *     `state` is `RUNNING` while a trial runs or may begin, else `FINISHED`; `count` is how many
         *     trials there are, `states` how many are `running`, `finished`, `failed` and `stopped`, `limit`
         *     how many there will be at most, null for no end; `updated_at` is when an agent last wrote.
         */
        readonly SweepSummary: {
            readonly best: components["schemas"]["BestTrial"] | null;
            /** Count */
            readonly count: number;
            /** Created At */
            readonly created_at: string | null;
            /** Description */
            readonly description: string | null;
            /** Limit */
            readonly limit: number | null;
            /** Method */
            readonly method: string;
            readonly metric: components["schemas"]["SweepMetric"] | null;
            /** Name */
            readonly name: string;
            /** Project */
            readonly project: string;
            /** State */
            readonly state: string;
            /** States */
            readonly states: {
                readonly [key: string]: number;
            };
            /** Sweep */
            readonly sweep: string;
            /** Sweep Id */
            readonly sweep_id: string;
            /** Updated At */
            readonly updated_at: string | null;
        };
        /**
         * SweepTrial
         * @description One trial: `number` is its place in the order of claims, `run` the address of its run.
         *
         *     `value` is its metric in the end; `parameters` have dotted names. `began_at` is when an agent
         *     claimed it, `ended_at` when its result was written.
         */
        readonly SweepTrial: {
            /** Began At */
            readonly began_at: string | null;
            /** Ended At */
            readonly ended_at: string | null;
            /** Exit Code */
            readonly exit_code: number | null;
            /** Number */
            readonly number: number;
            /** Parameters */
            readonly parameters: {
                readonly [key: string]: unknown;
            };
            /** Run */
            readonly run: string | null;
            /** State */
            readonly state: string;
            /** Value */
            readonly value: number | null;
        };
        /**
         * SystemRow
         * @description This machine now: the names and units of system rows, null for a missing sensor.
         */
        readonly SystemRow: {
            /** Cpu Percent */
            readonly cpu_percent: number | null;
            /** Cpu Percent Per Core */
            readonly cpu_percent_per_core: readonly number[] | null;
            /** Disk Usage */
            readonly disk_usage: number | null;
            /** Memory Percent */
            readonly memory_percent: number | null;
            /** Timestamp */
            readonly timestamp: string;
        } & {
            readonly [key: string]: unknown;
        };
        /**
         * ViewEdit
         * @description A view to save, or what to change of one; a field that is left out stays as it is.
         */
        readonly ViewEdit: {
            /** Data */
            readonly data?: {
                readonly [key: string]: unknown;
            } | null;
            /** Name */
            readonly name?: string | null;
            /** Project */
            readonly project?: string | null;
        };
        /**
         * ViewList
         * @description Every saved view, by name.
         */
        readonly ViewList: {
            /** Views */
            readonly views: readonly components["schemas"]["SavedView"][];
        };
    };
    responses: {
        /** @description What If-None-Match names is still the answer. */
        readonly NotModified: {
            headers: {
                /** @description for If-None-Match */
                readonly ETag?: string;
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description Who asks has shown neither the token nor that it is the server's own account. */
        readonly Problem401: {
            headers: {
                readonly "WWW-Authenticate"?: "Bearer";
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "This server needs its token: send 'Authorization: Bearer TOKEN', or open the one-time link printed where it was started. The token is in .tracklab/server-token of its data directory.",
                 *       "status": 401,
                 *       "title": "Unauthorized",
                 *       "type": "about:blank"
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["ProblemBody"];
            };
        };
        /** @description Too many questions wait already, or this address has asked too often. */
        readonly Problem429: {
            headers: {
                /** @description seconds to wait */
                readonly "Retry-After"?: number;
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "Too many questions at once. Ask again in a second.",
                 *       "status": 429,
                 *       "title": "Too Many Requests",
                 *       "type": "about:blank"
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["ProblemBody"];
            };
        };
        /** @description The question took too long, or the server cannot answer now. */
        readonly Problem503: {
            headers: {
                /** @description seconds to wait */
                readonly "Retry-After"?: number;
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "detail": "This question took too long. Ask for less at once.",
                 *       "status": 503,
                 *       "title": "Service Unavailable",
                 *       "type": "about:blank"
                 *     }
                 */
                readonly "application/problem+json": components["schemas"]["ProblemBody"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly artifacts_api_artifacts_get: {
        readonly parameters: {
            readonly query?: {
                /** @example vision */
                readonly project?: string | null;
                /** @example model */
                readonly type?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "artifacts": [
                     *         {
                     *           "created_at": "2026-11-22T11:18:18.821363Z",
                     *           "latest": "v0",
                     *           "name": "weights",
                     *           "projects": [
                     *             "vision"
                     *           ],
                     *           "size": 5,
                     *           "stored": 5,
                     *           "type": "model",
                     *           "updated_at": "2026-11-22T11:18:18.821363Z",
                     *           "versions": 1
                     *         },
                     *         {
                     *           "created_at": "2026-11-22T11:18:18.815693Z",
                     *           "latest": "v0",
                     *           "name": "run-demo1-samples",
                     *           "projects": [
                     *             "vision"
                     *           ],
                     *           "size": 36,
                     *           "stored": 36,
                     *           "type": "run_table",
                     *           "updated_at": "2026-11-22T11:18:18.815693Z",
                     *           "versions": 1
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ArtifactList"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly versions_api_artifacts__type___name__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example weights */
                readonly name: string;
                /** @example model */
                readonly type: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "versions": [
                     *         {
                     *           "aliases": [
                     *             "latest"
                     *           ],
                     *           "created_at": "2026-11-22T11:18:18.821363Z",
                     *           "digest": "7e88888d62733f862ec1d2d6660e969f",
                     *           "file_count": 1,
                     *           "name": "weights",
                     *           "project": "vision",
                     *           "run": "vision/demo1",
                     *           "size": 5,
                     *           "tags": [],
                     *           "type": "model",
                     *           "version": "v0"
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ArtifactVersionList"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly version_api_artifacts__type___name___version__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example weights */
                readonly name: string;
                /** @example model */
                readonly type: string;
                /** @example v0 */
                readonly version: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "aliases": [
                     *         "latest"
                     *       ],
                     *       "created_at": "2026-11-22T11:18:18.821363Z",
                     *       "description": null,
                     *       "digest": "7e88888d62733f862ec1d2d6660e969f",
                     *       "file_count": 1,
                     *       "files": [
                     *         {
                     *           "digest": "XUFAKrxLKna5cZ2REBfFkg==",
                     *           "path": "note.txt",
                     *           "ref": null,
                     *           "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                     *           "size": 5
                     *         }
                     *       ],
                     *       "metadata": {},
                     *       "name": "weights",
                     *       "project": "vision",
                     *       "run": "vision/demo1",
                     *       "size": 5,
                     *       "source": null,
                     *       "tags": [],
                     *       "ttl_s": null,
                     *       "type": "model",
                     *       "used_by": [],
                     *       "version": "v0"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ArtifactVersionDetail"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly version_file_api_artifacts__type___name___version__files__path__get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description show in a frame instead of download
                 * @example true
                 */
                readonly inline?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @example weights */
                readonly name: string;
                /** @example note.txt */
                readonly path: string;
                /** @example model */
                readonly type: string;
                /** @example v0 */
                readonly version: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": string;
                };
            };
            /** @description The bytes that Range asked for. */
            readonly 206: {
                headers: {
                    readonly "Content-Range"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": string;
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly version_lineage_api_artifacts__type___name___version__lineage_get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description steps from the version
                 * @example 3
                 */
                readonly depth?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @example weights */
                readonly name: string;
                /** @example model */
                readonly type: string;
                /** @example v0 */
                readonly version: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "edges": [
                     *         {
                     *           "artifact": "run_table/run-demo1-samples:v0",
                     *           "op": "log",
                     *           "run": "vision/demo1",
                     *           "timestamp": "2026-11-22T11:18:18.817343Z"
                     *         },
                     *         {
                     *           "artifact": "model/weights:v0",
                     *           "op": "log",
                     *           "run": "vision/demo1",
                     *           "timestamp": "2026-11-22T11:18:18.822895Z"
                     *         }
                     *       ],
                     *       "start": "model/weights:v0",
                     *       "truncated": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Lineage"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly checkpoints_api_checkpoints_get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /**
                 * @description the newest; numbers are over all
                 * @example 100
                 */
                readonly limit?: number;
                /**
                 * @description mean s between failures
                 * @example 86400
                 */
                readonly mtbf?: number | null;
                /** @example vision */
                readonly project?: string | null;
                /** @example vision/demo1 */
                readonly run?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "advice": {
                     *         "current_interval_s": null,
                     *         "current_overhead": null,
                     *         "interruptions": {
                     *           "count": 0,
                     *           "lasted_s": 0.4931831359863281,
                     *           "runs": 2
                     *         },
                     *         "interval_s": null,
                     *         "interval_steps": null,
                     *         "mtbf_basis": "0 interruptions in 0.000137 h of 2 runs",
                     *         "mtbf_s": null,
                     *         "overhead": null,
                     *         "save_cost_s": 0.000036648
                     *       },
                     *       "checkpoints": [
                     *         {
                     *           "blocked": 0.000036648,
                     *           "duration": 0.000036648,
                     *           "error_type": null,
                     *           "format": "file",
                     *           "kept": null,
                     *           "mb_per_s": 0.1364330932110893,
                     *           "operation": "save",
                     *           "path": "/srv/tracklab_logs/vision/demo1/files/note.txt",
                     *           "removed_at": null,
                     *           "run": "vision/demo1",
                     *           "size": 5,
                     *           "step": 2,
                     *           "success": true,
                     *           "timestamp": "2026-11-22T11:18:18.818338Z"
                     *         }
                     *       ],
                     *       "stats": {
                     *         "blocked_s": 0.000036648,
                     *         "blocked_share": 0.0025547701064038424,
                     *         "bytes": 5,
                     *         "count": 1,
                     *         "failures": 0,
                     *         "gb_per_s": 0.00013643309321108928,
                     *         "median_s": 0.000036648,
                     *         "saves": 1,
                     *         "total_s": 0.000036648
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["CheckpointPage"];
                    /**
                     * @example run,timestamp,step,operation,duration,blocked,size,mb_per_s,success,path,format,error_type,kept,removed_at
                     *     vision/demo1,2026-11-22T11:18:18.818338Z,2,save,3.6648e-05,3.6648e-05,5,0.1364330932110893,true,/srv/tracklab_logs/vision/demo1/files/note.txt,file,,,
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly info_api_cluster_info_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "nodes": [
                     *         {
                     *           "last_seen": "2026-11-22T11:18:18.828106Z",
                     *           "metrics": {},
                     *           "node": "box",
                     *           "runs": 1,
                     *           "status": "up"
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["NodeList"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly metrics_api_cluster_metrics_get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description comma-separated: their history, too
                 * @example loss
                 */
                readonly keys?: string;
                /**
                 * @description columns on the screen
                 * @example 1000
                 */
                readonly px?: number;
                /**
                 * @description epoch s; an hour ago
                 * @example 0
                 */
                readonly x0?: number | null;
                /**
                 * @description epoch s; now
                 * @example 2000000000
                 */
                readonly x1?: number | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "coverage": 1,
                     *       "history": [],
                     *       "nodes": [
                     *         {
                     *           "last_seen": "2026-11-22T11:18:18.828106Z",
                     *           "metrics": {},
                     *           "node": "box",
                     *           "runs": 1,
                     *           "status": "up"
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["NodeHistory"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly compare_api_compare_get: {
        readonly parameters: {
            readonly query: {
                /**
                 * @description comma-separated addresses
                 * @example vision/demo1
                 */
                readonly runs: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "config": [
                     *         {
                     *           "differs": false,
                     *           "key": "lr",
                     *           "values": [
                     *             0.1
                     *           ]
                     *         }
                     *       ],
                     *       "runs": [
                     *         {
                     *           "bad_lines": null,
                     *           "checkpoints": null,
                     *           "config": {
                     *             "lr": 0.1
                     *           },
                     *           "created_at": "2026-11-22T11:18:18.809767Z",
                     *           "duration_s": 0.014344930648803711,
                     *           "ended_at": "2026-11-22T11:18:18.824112Z",
                     *           "exit_code": 0,
                     *           "gaps": null,
                     *           "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *           "group": "resnet",
                     *           "host": "box",
                     *           "job_type": null,
                     *           "llm_calls": null,
                     *           "name": "demo one",
                     *           "notes": "",
                     *           "pid": 4242,
                     *           "program": "train.py",
                     *           "project": "vision",
                     *           "python_version": "3.11.7",
                     *           "run": "vision/demo1",
                     *           "run_id": "demo1",
                     *           "silent_s": null,
                     *           "stalled": false,
                     *           "status": "finished",
                     *           "step": 3,
                     *           "summary": {
                     *             "_runtime": 0.014427,
                     *             "_step": 3,
                     *             "_timestamp": 1795346298.8241937,
                     *             "loss": 0.3333333333333333,
                     *             "samples": {
                     *               "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *               "_type": "table-file",
                     *               "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *               "log_mode": "IMMUTABLE",
                     *               "ncols": 2,
                     *               "nrows": 1,
                     *               "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *               "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *               "size": 36
                     *             }
                     *           },
                     *           "tags": [
                     *             "baseline"
                     *           ],
                     *           "updated_at": "2026-11-22T11:18:18.824061Z",
                     *           "writers": 1
                     *         }
                     *       ],
                     *       "summary": [
                     *         {
                     *           "differs": false,
                     *           "key": "_runtime",
                     *           "values": [
                     *             0.014427
                     *           ]
                     *         },
                     *         {
                     *           "differs": false,
                     *           "key": "_step",
                     *           "values": [
                     *             3
                     *           ]
                     *         },
                     *         {
                     *           "differs": false,
                     *           "key": "_timestamp",
                     *           "values": [
                     *             1795346298.8241937
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Comparison"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly config_api_config_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data_retention_days": 30,
                     *       "settings": [
                     *         {
                     *           "default": "online",
                     *           "name": "mode",
                     *           "value": "online"
                     *         },
                     *         {
                     *           "default": "wrap",
                     *           "name": "console",
                     *           "value": "wrap"
                     *         },
                     *         {
                     *           "default": "67108864",
                     *           "name": "console_bytes",
                     *           "value": "67108864"
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ServerConfig"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly events_api_events_get: {
        readonly parameters: {
            readonly query: {
                readonly after?: string | null;
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /**
                 * @description comma-separated; log: the user's own
                 * @example alert,log
                 */
                readonly kind?: string | null;
                /**
                 * @description this level or a graver one
                 * @example warning
                 */
                readonly level?: string | null;
                /**
                 * @description most entries to return
                 * @example 100
                 */
                readonly limit?: number;
                /**
                 * @description desc: newest first
                 * @example desc
                 */
                readonly order?: "asc" | "desc";
                /** @example vision/demo1 */
                readonly run: string;
                /**
                 * @description literal text
                 * @example epoch
                 */
                readonly search?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bad_lines": 0,
                     *       "cursor": null,
                     *       "events": [
                     *         {
                     *           "data": {
                     *             "argv": [
                     *               "train.py"
                     *             ],
                     *             "boot_id": "5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11",
                     *             "end_time": null,
                     *             "entity": "you",
                     *             "environment": {
                     *               "cpu_count": 2,
                     *               "cpu_model": "AMD EPYC 9354 32-Core Processor",
                     *               "memory_gb": 25.3,
                     *               "platform": "Linux-6.8.0-x86_64-with-glibc2.39",
                     *               "variables": {}
                     *             },
                     *             "exit_code": null,
                     *             "format": 1,
                     *             "git": {
                     *               "branch": "main",
                     *               "remote": null
                     *             },
                     *             "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *             "group": "resnet",
                     *             "host": "box",
                     *             "job_type": null,
                     *             "name": "demo one",
                     *             "notes": "",
                     *             "pid": 4242,
                     *             "process_start": 8554182,
                     *             "program": "train.py",
                     *             "project": "vision",
                     *             "python_version": "3.11.7",
                     *             "resumed": false,
                     *             "run_id": "demo1",
                     *             "start_time": "2026-11-22T11:18:18.809767Z",
                     *             "status": "running",
                     *             "tags": [
                     *               "baseline"
                     *             ],
                     *             "tracklab_version": "0.1.0",
                     *             "write_mode": "sync",
                     *             "writer": "box-16578-0"
                     *           },
                     *           "level": "INFO",
                     *           "logger": "tracklab.lifecycle",
                     *           "message": "start",
                     *           "rank": null,
                     *           "seq": 1,
                     *           "span_id": null,
                     *           "timestamp": "2026-11-22T11:18:18.810615Z",
                     *           "trace_id": null,
                     *           "writer": null
                     *         },
                     *         {
                     *           "data": {
                     *             "op": "init",
                     *             "source": "init",
                     *             "values": {
                     *               "lr": 0.1
                     *             }
                     *           },
                     *           "level": "INFO",
                     *           "logger": "tracklab.config",
                     *           "message": "config",
                     *           "rank": null,
                     *           "seq": 2,
                     *           "span_id": null,
                     *           "timestamp": "2026-11-22T11:18:18.810793Z",
                     *           "trace_id": null,
                     *           "writer": null
                     *         },
                     *         {
                     *           "data": {
                     *             "aliases": [
                     *               "latest"
                     *             ],
                     *             "digest": "440392e19ccfac184181d80c743fe9b5",
                     *             "file_count": 1,
                     *             "name": "run-demo1-samples",
                     *             "op": "log",
                     *             "project": "vision",
                     *             "size": 36,
                     *             "type": "run_table",
                     *             "version": "v0"
                     *           },
                     *           "level": "INFO",
                     *           "logger": "tracklab.artifact",
                     *           "message": "artifact",
                     *           "rank": null,
                     *           "seq": 7,
                     *           "span_id": null,
                     *           "timestamp": "2026-11-22T11:18:18.817343Z",
                     *           "trace_id": null,
                     *           "writer": null
                     *         }
                     *       ],
                     *       "total": 8
                     *     }
                     */
                    readonly "application/json": components["schemas"]["EventPage"];
                    /**
                     * @example timestamp,level,logger,message,seq,writer,rank,trace_id,span_id,data.format,data.run_id,data.project,data.name,data.start_time,data.end_time,data.status,data.exit_code,data.tags,data.notes,data.group,data.job_type,data.resumed,data.tracklab_version,data.program,data.python_version,data.git_commit,data.git.branch,data.git.remote,data.environment.platform,data.environment.cpu_model,data.environment.cpu_count,data.environment.memory_gb,data.environment.variables,data.host,data.pid,data.boot_id,data.process_start,data.writer,data.argv,data.write_mode,data.entity,data.op,data.values.lr,data.source,data.type,data.version,data.digest,data.aliases,data.size,data.file_count,data.title,data.text,data.wait_duration,data.operation,data.module,data.path,data.step,data.metric_type,data.duration,data.success,data.state,data.duration_s,data.lines_lost
                     *     2026-11-22T11:18:18.810615Z,INFO,tracklab.lifecycle,start,1,,,,,1,demo1,vision,demo one,2026-11-22T11:18:18.809767Z,,running,,"[""baseline""]",,resnet,,false,0.1.0,train.py,3.11.7,6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f,main,,Linux-6.8.0-x86_64-with-glibc2.39,AMD EPYC 9354 32-Core Processor,2,25.3,{},box,16578,5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11,8554182,box-16578-0,"[""train.py""]",sync,you,,,,,,,,,,,,,,,,,,,,,,
                     *     2026-11-22T11:18:18.810793Z,INFO,tracklab.config,config,2,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,init,0.1,init,,,,,,,,,,,,,,,,,,,
                     *     2026-11-22T11:18:18.817343Z,INFO,tracklab.artifact,artifact,7,,,,,,,vision,run-demo1-samples,,,,,,,,,,,,,,,,,,,,,,,,,,,,,log,,,run_table,v0,440392e19ccfac184181d80c743fe9b5,"[""latest""]",36,1,,,,,,,,,,,,,
                     *     2026-11-22T11:18:18.817610Z,INFO,tracklab.alert,loss is high,9,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,loss is high,0.9 after an epoch,60.0,,,,,,,,,,
                     *     2026-11-22T11:18:18.818224Z,INFO,tracklab.checkpoint,checkpoint_begin,12,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,begin,checkpoint,/srv/tracklab_logs/vision/demo1/files/note.txt,2,,,,,,
                     *     2026-11-22T11:18:18.818338Z,INFO,tracklab.check
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly library_api_figures__library__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /**
                 * @description plotly or bokeh
                 * @example plotly
                 */
                readonly library: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/javascript": unknown;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly frame_api_figures_frame_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/html": unknown;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly accelerators_api_hardware_accelerators_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accelerators": []
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Accelerators"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly cpu_api_hardware_cpu_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "count": 2,
                     *       "cpu_frequency_mhz": 2700,
                     *       "cpu_frequency_mhz_per_core": [
                     *         2700,
                     *         2700
                     *       ],
                     *       "cpu_percent": 0,
                     *       "cpu_percent_per_core": [
                     *         0,
                     *         0
                     *       ],
                     *       "cpu_temperature_celsius": null,
                     *       "cpu_usable_cores": 2,
                     *       "load_15m": 4.283203125,
                     *       "load_1m": 0.8095703125,
                     *       "load_5m": 2.6875,
                     *       "model": "AMD EPYC 9354 32-Core Processor",
                     *       "pressure_cpu_percent": 0.44,
                     *       "tasks_running": 1,
                     *       "tasks_total": 113,
                     *       "timestamp": "2026-11-22T11:18:19.425213Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProcessorRow"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly status_api_index_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "place": "/srv/tracklab_logs/.tracklab/index",
                     *       "read_bytes": 0,
                     *       "run": null,
                     *       "waiting": 0
                     *     }
                     */
                    readonly "application/json": components["schemas"]["IndexFacts"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly keys_api_keys_get: {
        readonly parameters: {
            readonly query: {
                /** @example vision/demo1 */
                readonly runs: string;
                /**
                 * @description which rows
                 * @example history
                 */
                readonly stream?: "history" | "system";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "coverage": 1,
                     *       "keys": [
                     *         {
                     *           "count": 3,
                     *           "key": "loss",
                     *           "kind": "number",
                     *           "last": 0.3333333333333333,
                     *           "runs": 1
                     *         },
                     *         {
                     *           "count": 1,
                     *           "key": "samples",
                     *           "kind": "table-file",
                     *           "last": {
                     *             "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *             "_type": "table-file",
                     *             "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *             "log_mode": "IMMUTABLE",
                     *             "ncols": 2,
                     *             "nrows": 1,
                     *             "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *             "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *             "size": 36
                     *           },
                     *           "runs": 1
                     *         }
                     *       ],
                     *       "total": 2
                     *     }
                     */
                    readonly "application/json": components["schemas"]["KeyPage"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly calls_api_llm_get: {
        readonly parameters: {
            readonly query?: {
                readonly after?: string | null;
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /**
                 * @description field=text, only calls that have this text in this field
                 * @example [
                 *       "conversation_id=c-17"
                 *     ]
                 */
                readonly label?: readonly string[];
                /**
                 * @description most entries to return
                 * @example 100
                 */
                readonly limit?: number;
                /** @example gpt-4o-mini */
                readonly model?: string | null;
                /** @example chat */
                readonly operation?: string | null;
                /**
                 * @description desc: newest first
                 * @example desc
                 */
                readonly order?: "asc" | "desc";
                /** @example vision */
                readonly project?: string | null;
                /** @example openai */
                readonly provider?: string | null;
                /** @example vision/demo1 */
                readonly run?: string | null;
                /**
                 * @description literal text
                 * @example epoch
                 */
                readonly search?: string | null;
                /** @example false */
                readonly success?: boolean | null;
                /**
                 * @description epoch seconds
                 * @example 0
                 */
                readonly x0?: number | null;
                /**
                 * @description epoch seconds
                 * @example 2000000000
                 */
                readonly x1?: number | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "calls": [
                     *         {
                     *           "completion_tokens": 5,
                     *           "cost": 0.0000048,
                     *           "cost_basis": "genai-prices",
                     *           "data": {
                     *             "call_id": "a5c3c6bbb13ca0fa",
                     *             "metric_type": "timer",
                     *             "model": "gpt-4o-mini",
                     *             "operation": "chat",
                     *             "provider": "openai",
                     *             "response_time": 0.000007653,
                     *             "success": true,
                     *             "tokens": {
                     *               "completion": 5,
                     *               "prompt": 12
                     *             },
                     *             "tokens_per_second": 653338.56
                     *           },
                     *           "error": null,
                     *           "error_type": null,
                     *           "model": "gpt-4o-mini",
                     *           "operation": "chat",
                     *           "prompt_tokens": 12,
                     *           "provider": "openai",
                     *           "response_time": 0.000007653,
                     *           "run": "vision/demo1",
                     *           "seq": 11,
                     *           "success": true,
                     *           "timestamp": "2026-11-22T11:18:18.818016Z",
                     *           "ttft": null
                     *         }
                     *       ],
                     *       "cursor": null,
                     *       "total": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["LlmPage"];
                    /**
                     * @example run,timestamp,model,provider,operation,response_time,ttft,success,error_type,error,prompt_tokens,completion_tokens,cost,cost_basis,seq,data.metric_type,data.model,data.provider,data.operation,data.call_id,data.response_time,data.success,data.tokens_per_second,data.tokens.prompt,data.tokens.completion
                     *     vision/demo1,2026-11-22T11:18:18.818016Z,gpt-4o-mini,openai,chat,7.653e-06,,true,,,12,5,4.8e-06,genai-prices,11,timer,gpt-4o-mini,openai,chat,a5c3c6bbb13ca0fa,7.653e-06,true,653338.56,12,5
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly stats_api_llm_stats_get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description any field of a call
                 * @example model
                 */
                readonly group?: string;
                /**
                 * @description field=text, only calls that have this text in this field
                 * @example [
                 *       "conversation_id=c-17"
                 *     ]
                 */
                readonly label?: readonly string[];
                /** @example gpt-4o-mini */
                readonly model?: string | null;
                /** @example chat */
                readonly operation?: string | null;
                /** @example vision */
                readonly project?: string | null;
                /** @example openai */
                readonly provider?: string | null;
                /** @example vision/demo1 */
                readonly run?: string | null;
                /**
                 * @description seconds of a time bucket
                 * @example 3600
                 */
                readonly width?: number | null;
                /**
                 * @description epoch seconds
                 * @example 0
                 */
                readonly x0?: number | null;
                /**
                 * @description epoch seconds
                 * @example 2000000000
                 */
                readonly x1?: number | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cost_note": null,
                     *       "coverage": 1,
                     *       "group_count": 1,
                     *       "groups": [
                     *         {
                     *           "completion_tokens": 5,
                     *           "cost": 0.0000048,
                     *           "cost_basis": "genai-prices",
                     *           "count": 1,
                     *           "error_rate": 0,
                     *           "errors": 0,
                     *           "group": "gpt-4o-mini",
                     *           "p50": 0.000007653,
                     *           "p90": 0.000007653,
                     *           "p95": 0.000007653,
                     *           "p99": 0.000007653,
                     *           "prompt_tokens": 12,
                     *           "tokens_per_second": 653338.5600418138,
                     *           "ttft_p50": null,
                     *           "ttft_p90": null,
                     *           "ttft_p95": null,
                     *           "ttft_p99": null,
                     *           "unpriced": 0
                     *         }
                     *       ],
                     *       "heat": {
                     *         "counts": [
                     *           [
                     *             1
                     *           ]
                     *         ],
                     *         "latency": [
                     *           0.0001,
                     *           0.0001333521432163324
                     *         ],
                     *         "t": [
                     *           1795346298,
                     *           1795346299
                     *         ]
                     *       },
                     *       "timeline": [
                     *         {
                     *           "completion_tokens": 5,
                     *           "cost": 0.0000048,
                     *           "cost_basis": "genai-prices",
                     *           "count": 1,
                     *           "error_rate": 0,
                     *           "errors": 0,
                     *           "p50": 0.000007653,
                     *           "p90": 0.000007653,
                     *           "p95": 0.000007653,
                     *           "p99": 0.000007653,
                     *           "prompt_tokens": 12,
                     *           "t0": 1795346298,
                     *           "t1": 1795346299,
                     *           "tokens_per_second": 653338.5600418138,
                     *           "ttft_p50": null,
                     *           "ttft_p90": null,
                     *           "ttft_p95": null,
                     *           "ttft_p99": null,
                     *           "unpriced": 0
                     *         }
                     *       ],
                     *       "total": {
                     *         "completion_tokens": 5,
                     *         "cost": 0.0000048,
                     *         "cost_basis": "genai-prices",
                     *         "count": 1,
                     *         "error_rate": 0,
                     *         "errors": 0,
                     *         "p50": 0.000007653,
                     *         "p90": 0.000007653,
                     *         "p95": 0.000007653,
                     *         "p99": 0.000007653,
                     *         "prompt_tokens": 12,
                     *         "tokens_per_second": 653338.5600418138,
                     *         "ttft_p50": null,
                     *         "ttft_p90": null,
                     *         "ttft_p95": null,
                     *         "ttft_p99": null,
                     *         "unpriced": 0
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["LlmStats"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly login_code_api_login_codes_post: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description the browser may read and change nothing
                 * @example true
                 */
                readonly read_only?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "code": "Zk3x9qd2fA0_-R7bQ1c4Tg"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["LoginCode"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly logs_api_logs_get: {
        readonly parameters: {
            readonly query: {
                /**
                 * @description most entries to return
                 * @example 100
                 */
                readonly limit?: number;
                /**
                 * @description first byte
                 * @example 0
                 */
                readonly offset?: number;
                /**
                 * @description of the process that printed it
                 * @example 0
                 */
                readonly rank?: number;
                /** @example vision/demo1 */
                readonly run: string;
                /** @example stderr */
                readonly stream?: "stdout" | "stderr";
                /**
                 * @description the last `limit` lines instead
                 * @example true
                 */
                readonly tail?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lines": [
                     *         {
                     *           "offset": 0,
                     *           "text": "epoch 1 of 3"
                     *         }
                     *       ],
                     *       "next_offset": 13,
                     *       "offset": 0,
                     *       "ranks": [
                     *         0
                     *       ],
                     *       "size": 13
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ConsolePage"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly search_api_logs_search_get: {
        readonly parameters: {
            readonly query: {
                readonly after?: string | null;
                /**
                 * @description this level or a graver one
                 * @example warning
                 */
                readonly level?: string | null;
                /**
                 * @description most lines to return
                 * @example 100
                 */
                readonly limit?: number;
                /**
                 * @description desc: newest first
                 * @example desc
                 */
                readonly order?: "asc" | "desc";
                /**
                 * @description text, in any case
                 * @example out of memory
                 */
                readonly q?: string;
                /**
                 * @description regular expression (RE2)
                 * @example rank [0-9]+ failed
                 */
                readonly re?: string;
                /** @example vision/demo1 */
                readonly run: string;
                /**
                 * @description comma-separated: stdout, stderr, app, alerts, events
                 * @example app,alerts
                 */
                readonly stream?: string;
                /**
                 * @description epoch seconds
                 * @example 0
                 */
                readonly x0?: number | null;
                /**
                 * @description epoch seconds
                 * @example 2000000000
                 */
                readonly x1?: number | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bad_lines": 0,
                     *       "coverage": 1,
                     *       "cursor": null,
                     *       "lines": [
                     *         {
                     *           "level": null,
                     *           "logger": null,
                     *           "offset": 0,
                     *           "rank": 0,
                     *           "stream": "stdout",
                     *           "text": "epoch 1 of 3",
                     *           "timestamp": null,
                     *           "writer": null
                     *         },
                     *         {
                     *           "level": "INFO",
                     *           "logger": "tracklab.alert",
                     *           "offset": 2524,
                     *           "rank": null,
                     *           "stream": "alerts",
                     *           "text": "loss is high {\"title\":\"loss is high\",\"text\":\"0.9 after an epoch\",\"wait_duration\":60.0}",
                     *           "timestamp": "2026-11-22T11:18:18.817610Z",
                     *           "writer": null
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SearchPage"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly media_api_media_get: {
        readonly parameters: {
            readonly query: {
                readonly after?: string | null;
                /**
                 * @description comma-separated keys; empty: all
                 * @example samples
                 */
                readonly key?: string;
                /**
                 * @description most entries to return
                 * @example 100
                 */
                readonly limit?: number;
                /**
                 * @description desc: newest first
                 * @example desc
                 */
                readonly order?: "asc" | "desc";
                /** @example vision/demo1 */
                readonly run: string;
                /**
                 * @description comma-separated types, such as image-file; empty: all
                 * @example image-file,table-file
                 */
                readonly type?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cursor": null,
                     *       "media": [
                     *         {
                     *           "key": "samples",
                     *           "record": {
                     *             "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *             "_type": "table-file",
                     *             "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *             "log_mode": "IMMUTABLE",
                     *             "ncols": 2,
                     *             "nrows": 1,
                     *             "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *             "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *             "size": 36
                     *           },
                     *           "step": 3,
                     *           "timestamp": "2026-11-22T11:18:18.817401Z",
                     *           "type": "table-file",
                     *           "vega_lite": null
                     *         }
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["MediaPage"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly projects_api_projects_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "projects": [
                     *         {
                     *           "last_activity": "2026-11-22T11:18:18.828106Z",
                     *           "project": "vision",
                     *           "running": 1,
                     *           "runs": 2,
                     *           "statuses": {
                     *             "finished": 1,
                     *             "running": 1
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ProjectList"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly project_api_projects__project__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision */
                readonly project: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "last_activity": "2026-11-22T11:18:18.828106Z",
                     *       "project": "vision",
                     *       "running": 1,
                     *       "runs": 2,
                     *       "statuses": {
                     *         "finished": 1,
                     *         "running": 1
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Project"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly query_api_query_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "limit": 100,
                 *       "sql": "SELECT run, min(loss) FROM history GROUP BY run"
                 *     }
                 */
                readonly "application/json": components["schemas"]["SqlQuestion"];
            };
        };
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "columns": [
                     *         {
                     *           "name": "run",
                     *           "type": "VARCHAR"
                     *         },
                     *         {
                     *           "name": "min(loss)",
                     *           "type": "DOUBLE"
                     *         }
                     *       ],
                     *       "rows": [
                     *         [
                     *           "vision/demo2",
                     *           0.5
                     *         ],
                     *         [
                     *           "vision/demo1",
                     *           0.3333333333333333
                     *         ]
                     *       ],
                     *       "truncated": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Answer"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly rows_api_rows_get: {
        readonly parameters: {
            readonly query: {
                readonly after?: string | null;
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /** @example loss */
                readonly keys?: string;
                /**
                 * @description most entries to return
                 * @example 100
                 */
                readonly limit?: number;
                /**
                 * @description desc: newest first
                 * @example desc
                 */
                readonly order?: "asc" | "desc";
                /** @example vision/demo1 */
                readonly run: string;
                /**
                 * @description which rows
                 * @example history
                 */
                readonly stream?: "history" | "system";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cursor": null,
                     *       "rows": [
                     *         {
                     *           "_run_id": "demo1",
                     *           "_runtime": 0.003976,
                     *           "_seq": 4,
                     *           "_step": 0,
                     *           "_timestamp": 1795346298.813743,
                     *           "loss": 1
                     *         },
                     *         {
                     *           "_run_id": "demo1",
                     *           "_runtime": 0.004096,
                     *           "_seq": 5,
                     *           "_step": 1,
                     *           "_timestamp": 1795346298.813863,
                     *           "loss": 0.5
                     *         },
                     *         {
                     *           "_run_id": "demo1",
                     *           "_runtime": 0.004103,
                     *           "_seq": 6,
                     *           "_step": 2,
                     *           "_timestamp": 1795346298.81387,
                     *           "loss": 0.3333333333333333
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RowPage"];
                    /**
                     * @example time,_timestamp,_step,_runtime,_run_id,_seq,loss,samples
                     *     2026-11-22T11:18:18.813743Z,1795346298.813743,0,0.003976,demo1,4,1.0,
                     *     2026-11-22T11:18:18.813863Z,1795346298.813863,1,0.004096,demo1,5,0.5,
                     *     2026-11-22T11:18:18.813870Z,1795346298.81387,2,0.004103,demo1,6,0.3333333333333333,
                     *     2026-11-22T11:18:18.817401Z,1795346298.8174012,3,0.007644,demo1,8,,"{""_type"":""table-file"",""sha256"":""ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17"",""size"":36,""path"":""media/table/samples_3_ba67c0fa8c56c78584d1.table.json"",""ncols"":2,""nrows"":1,""log_mode"":""IMMUTABLE"",""artifact_path"":""tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json"",""_latest_artifact_path"":""tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json""}"
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly run_groups_api_run_groups_get: {
        readonly parameters: {
            readonly query: {
                /**
                 * @description comma-separated fields
                 * @example config.lr,group
                 */
                readonly by: string;
                /**
                 * @description comma-separated fields with numbers
                 * @example summary.loss
                 */
                readonly columns?: string;
                /**
                 * @description filter text
                 * @example status = finished and summary.loss < 0.5
                 */
                readonly f?: string;
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /** @example 100 */
                readonly limit?: number;
                /** @example vision */
                readonly project?: string | null;
                /**
                 * @description count, a field of by, or a column and .mean, ...
                 * @example -count
                 */
                readonly sort?: string;
                /** @example running,finished */
                readonly status?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "groups": [
                     *         {
                     *           "columns": {},
                     *           "count": 1,
                     *           "statuses": {
                     *             "finished": 1
                     *           },
                     *           "values": {
                     *             "config.lr": 0.1,
                     *             "group": "resnet"
                     *           }
                     *         },
                     *         {
                     *           "columns": {},
                     *           "count": 1,
                     *           "statuses": {
                     *             "running": 1
                     *           },
                     *           "values": {
                     *             "config.lr": null,
                     *             "group": null
                     *           }
                     *         }
                     *       ],
                     *       "runs": 2,
                     *       "total": 2
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RunGroups"];
                    /**
                     * @example config.lr,group,count,finished,running
                     *     0.1,resnet,1,1,
                     *     ,,1,,1
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly runs_api_runs_get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description comma-separated fields; empty for all
                 * @example name,status,summary.loss
                 */
                readonly cols?: string;
                readonly cursor?: string | null;
                /**
                 * @description filter text
                 * @example status = finished and summary.loss < 0.5
                 */
                readonly f?: string;
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /** @example 100 */
                readonly limit?: number;
                /** @example vision */
                readonly project?: string | null;
                /**
                 * @description field, - for descending
                 * @example -summary.loss
                 */
                readonly sort?: string;
                /** @example running,finished */
                readonly status?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "coverage": 1,
                     *       "cursor": null,
                     *       "runs": [
                     *         {
                     *           "bad_lines": null,
                     *           "checkpoints": 0,
                     *           "config": {},
                     *           "created_at": "2026-11-22T11:18:18.827042Z",
                     *           "duration_s": 0.3365969657897949,
                     *           "ended_at": null,
                     *           "exit_code": null,
                     *           "gaps": 0,
                     *           "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *           "group": null,
                     *           "host": "box",
                     *           "job_type": null,
                     *           "llm_calls": null,
                     *           "name": "demo two",
                     *           "notes": "",
                     *           "pid": 4242,
                     *           "program": "train.py",
                     *           "project": "vision",
                     *           "python_version": "3.11.7",
                     *           "run": "vision/demo2",
                     *           "run_id": "demo2",
                     *           "silent_s": 0.33553242683410645,
                     *           "stalled": false,
                     *           "status": "running",
                     *           "step": 0,
                     *           "summary": {
                     *             "_runtime": 0.001212,
                     *             "_step": 0,
                     *             "_timestamp": 1795346298.828254,
                     *             "loss": 0.5
                     *           },
                     *           "tags": [],
                     *           "updated_at": "2026-11-22T11:18:18.828106Z",
                     *           "writers": 1
                     *         },
                     *         {
                     *           "bad_lines": null,
                     *           "checkpoints": null,
                     *           "config": {
                     *             "lr": 0.1
                     *           },
                     *           "created_at": "2026-11-22T11:18:18.809767Z",
                     *           "duration_s": 0.014344930648803711,
                     *           "ended_at": "2026-11-22T11:18:18.824112Z",
                     *           "exit_code": 0,
                     *           "gaps": null,
                     *           "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *           "group": "resnet",
                     *           "host": "box",
                     *           "job_type": null,
                     *           "llm_calls": null,
                     *           "name": "demo one",
                     *           "notes": "",
                     *           "pid": 4242,
                     *           "program": "train.py",
                     *           "project": "vision",
                     *           "python_version": "3.11.7",
                     *           "run": "vision/demo1",
                     *           "run_id": "demo1",
                     *           "silent_s": null,
                     *           "stalled": false,
                     *           "status": "finished",
                     *           "step": 3,
                     *           "summary": {
                     *             "_runtime": 0.014427,
                     *             "_step": 3,
                     *             "_timestamp": 1795346298.8241937,
                     *             "loss": 0.3333333333333333,
                     *             "samples": {
                     *               "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *               "_type": "table-file",
                     *               "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *               "log_mode": "IMMUTABLE",
                     *               "ncols": 2,
                     *               "nrows": 1,
                     *               "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *               "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *               "size": 36
                     *             }
                     *           },
                     *           "tags": [
                     *             "baseline"
                     *           ],
                     *           "updated_at": "2026-11-22T11:18:18.824061Z",
                     *           "writers": 1
                     *         }
                     *       ],
                     *       "total": 2
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RunPage"];
                    /**
                     * @example run,run_id,project,name,status,created_at,updated_at,ended_at,duration_s,tags,notes,group,job_type,host,pid,program,git_commit,python_version,exit_code,step,writers,bad_lines,gaps,checkpoints,llm_calls,stalled,silent_s,summary._timestamp,summary._step,summary._runtime,summary.loss,config.lr,summary.samples
                     *     vision/demo2,demo2,vision,demo two,running,2026-11-22T11:18:18.827042Z,2026-11-22T11:18:18.828106Z,,0.3400752544403076,,,,,box,16578,train.py,6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f,3.11.7,,0,1,,0,0,,false,0.33901071548461914,1795346298.828254,0,0.001212,0.5,,
                     *     vision/demo1,demo1,vision,demo one,finished,2026-11-22T11:18:18.809767Z,2026-11-22T11:18:18.824061Z,2026-11-22T11:18:18.824112Z,0.014344930648803711,baseline,,resnet,,box,16578,train.py,6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f,3.11.7,0,3,1,,,,,false,,1795346298.8241937,3,0.014427,0.3333333333333333,0.1,"{""_type"":""table-file"",""sha256"":""ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17"",""size"":36,""path"":""media/table/samples_3_ba67c0fa8c56c78584d1.table.json"",""ncols"":2,""nrows"":1,""log_mode"":""IMMUTABLE"",""artifact_path"":""tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json"",""_latest_artifact_path"":""tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json""}"
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly run_api_runs__run__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bad_lines": 0,
                     *       "checkpoints": 1,
                     *       "config": {
                     *         "lr": 0.1
                     *       },
                     *       "created_at": "2026-11-22T11:18:18.809767Z",
                     *       "duration_s": 0.014344930648803711,
                     *       "ended_at": "2026-11-22T11:18:18.824112Z",
                     *       "exit_code": 0,
                     *       "gaps": 0,
                     *       "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *       "group": "resnet",
                     *       "host": "box",
                     *       "job_type": null,
                     *       "llm_calls": 1,
                     *       "metadata": {
                     *         "argv": [
                     *           "train.py"
                     *         ],
                     *         "boot_id": "5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11",
                     *         "end_time": "2026-11-22T11:18:18.824112Z",
                     *         "entity": "you",
                     *         "environment": {
                     *           "cpu_count": 2,
                     *           "cpu_model": "AMD EPYC 9354 32-Core Processor",
                     *           "memory_gb": 25.3,
                     *           "platform": "Linux-6.8.0-x86_64-with-glibc2.39",
                     *           "variables": {}
                     *         },
                     *         "exit_code": 0,
                     *         "format": 1,
                     *         "git": {
                     *           "branch": "main",
                     *           "remote": null
                     *         },
                     *         "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *         "group": "resnet",
                     *         "host": "box",
                     *         "job_type": null,
                     *         "name": "demo one",
                     *         "notes": "",
                     *         "pid": 4242,
                     *         "process_start": 8554182,
                     *         "program": "train.py",
                     *         "project": "vision",
                     *         "python_version": "3.11.7",
                     *         "resumed": false,
                     *         "run_id": "demo1",
                     *         "start_time": "2026-11-22T11:18:18.809767Z",
                     *         "status": "finished",
                     *         "tags": [
                     *           "baseline"
                     *         ],
                     *         "tracklab_version": "0.1.0",
                     *         "write_mode": "sync",
                     *         "writer": "box-16578-0"
                     *       },
                     *       "name": "demo one",
                     *       "notes": "",
                     *       "pid": 4242,
                     *       "program": "train.py",
                     *       "project": "vision",
                     *       "python_version": "3.11.7",
                     *       "run": "vision/demo1",
                     *       "run_id": "demo1",
                     *       "silent_s": null,
                     *       "stalled": false,
                     *       "status": "finished",
                     *       "step": 3,
                     *       "streams": {
                     *         "events": {
                     *           "bytes": 3864,
                     *           "lines": 9,
                     *           "segments": 1
                     *         },
                     *         "history": {
                     *           "bytes": 1953,
                     *           "lines": 5,
                     *           "segments": 1
                     *         },
                     *         "llm": {
                     *           "bytes": 1459,
                     *           "lines": 2,
                     *           "segments": 1
                     *         },
                     *         "system_metrics": {
                     *           "bytes": 0,
                     *           "lines": 0,
                     *           "segments": 0
                     *         }
                     *       },
                     *       "summary": {
                     *         "_runtime": 0.014427,
                     *         "_step": 3,
                     *         "_timestamp": 1795346298.8241937,
                     *         "loss": 0.3333333333333333,
                     *         "samples": {
                     *           "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *           "_type": "table-file",
                     *           "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *           "log_mode": "IMMUTABLE",
                     *           "ncols": 2,
                     *           "nrows": 1,
                     *           "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *           "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *           "size": 36
                     *         }
                     *       },
                     *       "tags": [
                     *         "baseline"
                     *       ],
                     *       "updated_at": "2026-11-22T11:18:18.824061Z",
                     *       "writers": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RunReply"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly discard_api_runs__run__delete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly change_api_runs__run__patch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "a better name",
                 *       "tags": [
                 *         "baseline"
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["RunEdit"];
            };
        };
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bad_lines": 0,
                     *       "checkpoints": 1,
                     *       "config": {
                     *         "lr": 0.1
                     *       },
                     *       "created_at": "2026-11-22T11:18:18.809767Z",
                     *       "duration_s": 0.014344930648803711,
                     *       "ended_at": "2026-11-22T11:18:18.824112Z",
                     *       "exit_code": 0,
                     *       "gaps": 0,
                     *       "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *       "group": "resnet",
                     *       "host": "box",
                     *       "job_type": null,
                     *       "llm_calls": 1,
                     *       "metadata": {
                     *         "argv": [
                     *           "train.py"
                     *         ],
                     *         "boot_id": "5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11",
                     *         "end_time": "2026-11-22T11:18:18.824112Z",
                     *         "entity": "you",
                     *         "environment": {
                     *           "cpu_count": 2,
                     *           "cpu_model": "AMD EPYC 9354 32-Core Processor",
                     *           "memory_gb": 25.3,
                     *           "platform": "Linux-6.8.0-x86_64-with-glibc2.39",
                     *           "variables": {}
                     *         },
                     *         "exit_code": 0,
                     *         "format": 1,
                     *         "git": {
                     *           "branch": "main",
                     *           "remote": null
                     *         },
                     *         "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *         "group": "resnet",
                     *         "host": "box",
                     *         "job_type": null,
                     *         "name": "a better name",
                     *         "notes": "",
                     *         "pid": 4242,
                     *         "process_start": 8554182,
                     *         "program": "train.py",
                     *         "project": "vision",
                     *         "python_version": "3.11.7",
                     *         "resumed": false,
                     *         "run_id": "demo1",
                     *         "start_time": "2026-11-22T11:18:18.809767Z",
                     *         "status": "finished",
                     *         "tags": [
                     *           "baseline"
                     *         ],
                     *         "tracklab_version": "0.1.0",
                     *         "write_mode": "sync",
                     *         "writer": "box-16578-0"
                     *       },
                     *       "name": "a better name",
                     *       "notes": "",
                     *       "pid": 4242,
                     *       "program": "train.py",
                     *       "project": "vision",
                     *       "python_version": "3.11.7",
                     *       "run": "vision/demo1",
                     *       "run_id": "demo1",
                     *       "silent_s": null,
                     *       "stalled": false,
                     *       "status": "finished",
                     *       "step": 3,
                     *       "streams": {
                     *         "events": {
                     *           "bytes": 5168,
                     *           "lines": 11,
                     *           "segments": 2
                     *         },
                     *         "history": {
                     *           "bytes": 1953,
                     *           "lines": 5,
                     *           "segments": 1
                     *         },
                     *         "llm": {
                     *           "bytes": 1459,
                     *           "lines": 2,
                     *           "segments": 1
                     *         },
                     *         "system_metrics": {
                     *           "bytes": 0,
                     *           "lines": 0,
                     *           "segments": 0
                     *         }
                     *       },
                     *       "summary": {
                     *         "_runtime": 0.007644,
                     *         "_step": 3,
                     *         "_timestamp": 1795346298.8174012,
                     *         "loss": 0.3333333333333333,
                     *         "samples": {
                     *           "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *           "_type": "table-file",
                     *           "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *           "log_mode": "IMMUTABLE",
                     *           "ncols": 2,
                     *           "nrows": 1,
                     *           "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *           "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *           "size": 36
                     *         }
                     *       },
                     *       "tags": [
                     *         "baseline"
                     *       ],
                     *       "updated_at": "2026-11-22T11:18:19.829188Z",
                     *       "writers": 2
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RunReply"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly config_api_runs__run__config_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lr": 0.1
                     *     }
                     */
                    readonly "application/json": {
                        readonly [key: string]: unknown;
                    };
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly files_api_runs__run__files_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "files": [
                     *         {
                     *           "modified": 1795346298.811118,
                     *           "path": "config.yaml",
                     *           "size": 8
                     *         },
                     *         {
                     *           "modified": 1795346298.8240604,
                     *           "path": "events.jsonl",
                     *           "size": 3864
                     *         },
                     *         {
                     *           "modified": 1795346298.8182557,
                     *           "path": "files/note.txt",
                     *           "size": 5
                     *         }
                     *       ],
                     *       "truncated": false
                     *     }
                     */
                    readonly "application/json": components["schemas"]["FileList"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly file_api_runs__run__files__path__get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description show in a frame instead of download
                 * @example true
                 */
                readonly inline?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @example files/note.txt */
                readonly path: string;
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": string;
                };
            };
            /** @description The bytes that Range asked for. */
            readonly 206: {
                headers: {
                    readonly "Content-Range"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "*/*": string;
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly metrics_api_runs__run__metrics_get: {
        readonly parameters: {
            readonly query?: {
                /** @example loss */
                readonly keys?: string;
                /**
                 * @description most entries to return
                 * @example 100
                 */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cursor": null,
                     *       "rows": [
                     *         {
                     *           "_run_id": "demo1",
                     *           "_runtime": 0.003976,
                     *           "_seq": 4,
                     *           "_step": 0,
                     *           "_timestamp": 1795346298.813743,
                     *           "loss": 1
                     *         },
                     *         {
                     *           "_run_id": "demo1",
                     *           "_runtime": 0.004096,
                     *           "_seq": 5,
                     *           "_step": 1,
                     *           "_timestamp": 1795346298.813863,
                     *           "loss": 0.5
                     *         },
                     *         {
                     *           "_run_id": "demo1",
                     *           "_runtime": 0.004103,
                     *           "_seq": 6,
                     *           "_step": 2,
                     *           "_timestamp": 1795346298.81387,
                     *           "loss": 0.3333333333333333
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RowPage"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly restore_api_runs__run__restore_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example vision/demo1 */
                readonly run: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bad_lines": 0,
                     *       "checkpoints": 1,
                     *       "config": {
                     *         "lr": 0.1
                     *       },
                     *       "created_at": "2026-11-22T11:18:18.809767Z",
                     *       "duration_s": 0.014344930648803711,
                     *       "ended_at": "2026-11-22T11:18:18.824112Z",
                     *       "exit_code": 0,
                     *       "gaps": 0,
                     *       "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *       "group": "resnet",
                     *       "host": "box",
                     *       "job_type": null,
                     *       "llm_calls": 1,
                     *       "metadata": {
                     *         "argv": [
                     *           "train.py"
                     *         ],
                     *         "boot_id": "5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11",
                     *         "end_time": "2026-11-22T11:18:18.824112Z",
                     *         "entity": "you",
                     *         "environment": {
                     *           "cpu_count": 2,
                     *           "cpu_model": "AMD EPYC 9354 32-Core Processor",
                     *           "memory_gb": 25.3,
                     *           "platform": "Linux-6.8.0-x86_64-with-glibc2.39",
                     *           "variables": {}
                     *         },
                     *         "exit_code": 0,
                     *         "format": 1,
                     *         "git": {
                     *           "branch": "main",
                     *           "remote": null
                     *         },
                     *         "git_commit": "6f0f2c7f115b0c2e9e6a0f4c399a1e0f6f0f2c7f",
                     *         "group": "resnet",
                     *         "host": "box",
                     *         "job_type": null,
                     *         "name": "a better name",
                     *         "notes": "",
                     *         "pid": 4242,
                     *         "process_start": 8554182,
                     *         "program": "train.py",
                     *         "project": "vision",
                     *         "python_version": "3.11.7",
                     *         "resumed": false,
                     *         "run_id": "demo1",
                     *         "start_time": "2026-11-22T11:18:18.809767Z",
                     *         "status": "finished",
                     *         "tags": [
                     *           "baseline"
                     *         ],
                     *         "tracklab_version": "0.1.0",
                     *         "write_mode": "sync",
                     *         "writer": "box-16578-0"
                     *       },
                     *       "name": "a better name",
                     *       "notes": "",
                     *       "pid": 4242,
                     *       "program": "train.py",
                     *       "project": "vision",
                     *       "python_version": "3.11.7",
                     *       "run": "vision/demo1",
                     *       "run_id": "demo1",
                     *       "silent_s": null,
                     *       "stalled": false,
                     *       "status": "finished",
                     *       "step": 3,
                     *       "streams": {
                     *         "events": {
                     *           "bytes": 5168,
                     *           "lines": 11,
                     *           "segments": 2
                     *         },
                     *         "history": {
                     *           "bytes": 1953,
                     *           "lines": 5,
                     *           "segments": 1
                     *         },
                     *         "llm": {
                     *           "bytes": 1459,
                     *           "lines": 2,
                     *           "segments": 1
                     *         },
                     *         "system_metrics": {
                     *           "bytes": 0,
                     *           "lines": 0,
                     *           "segments": 0
                     *         }
                     *       },
                     *       "summary": {
                     *         "_runtime": 0.007644,
                     *         "_step": 3,
                     *         "_timestamp": 1795346298.8174012,
                     *         "loss": 0.3333333333333333,
                     *         "samples": {
                     *           "_latest_artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:latest/samples.table.json",
                     *           "_type": "table-file",
                     *           "artifact_path": "tracklab-artifact://you/vision/run-demo1-samples:440392e19ccfac184181d80c743fe9b5/samples.table.json",
                     *           "log_mode": "IMMUTABLE",
                     *           "ncols": 2,
                     *           "nrows": 1,
                     *           "path": "media/table/samples_3_ba67c0fa8c56c78584d1.table.json",
                     *           "sha256": "ba67c0fa8c56c78584d1b40497613538c7a86794a603124871c897fb31c3bc17",
                     *           "size": 36
                     *         }
                     *       },
                     *       "tags": [
                     *         "baseline"
                     *       ],
                     *       "updated_at": "2026-11-22T11:18:19.829188Z",
                     *       "writers": 2
                     *     }
                     */
                    readonly "application/json": components["schemas"]["RunReply"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly about_api_self_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "clients": 0,
                     *       "pid": 4242,
                     *       "root": "/srv/tracklab_logs",
                     *       "rss_bytes": 98205696,
                     *       "started_at": "2026-11-22T11:18:18.828678Z",
                     *       "ui_built": true,
                     *       "uptime_s": 0.9793438911437988,
                     *       "version": "0.1.0"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ServerFacts"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly series_api_series_get: {
        readonly parameters: {
            readonly query: {
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /**
                 * @description comma-separated dotted names
                 * @example loss
                 */
                readonly keys: string;
                /**
                 * @description columns on the screen
                 * @example 1000
                 */
                readonly px?: number;
                /**
                 * @description comma-separated addresses
                 * @example vision/demo1
                 */
                readonly runs: string;
                /** @description a rev, or a JSON object of revs by address */
                readonly since?: string | null;
                /**
                 * @description ema:WEIGHT, gaussian:SIGMA or average:WINDOW
                 * @example ema:0.9
                 */
                readonly smooth?: string | null;
                /**
                 * @description which rows
                 * @example history
                 */
                readonly stream?: "history" | "system";
                /**
                 * @description step, time, relative, or any key
                 * @example step
                 */
                readonly x?: string | null;
                /** @example 0 */
                readonly x0?: number | null;
                /** @example 2000000000 */
                readonly x1?: number | null;
                /**
                 * @description f32: values of a binary frame in 32 bits, for slow links
                 * @example f32
                 */
                readonly y?: "f64" | "f32";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A binary frame unless Accept names application/json or text/csv. */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "coverage": 1,
                     *       "revs": {
                     *         "vision/demo1": "eAGrVkotS80rKdbLKs7Py1GyMrYwM9FRysgsLskvqoQJGlqaGuso5eTkwgVMTC11lPKLMtMz85SsolHN0FEySEszTzGyNDc0srS0NDa1VIqtBQD65iCc"
                     *       },
                     *       "series": [
                     *         {
                     *           "attempt": 0,
                     *           "exact": true,
                     *           "key": "loss",
                     *           "last": [
                     *             1,
                     *             0.5,
                     *             0.3333333333333333
                     *           ],
                     *           "n": 3,
                     *           "nonfinite": [],
                     *           "rev": "eAGrVkotS80rKdbLKs7Py1GyMrYwM9FRysgsLskvqoQJGlqaGuso5eTkwgVMTC11lPKLMtMz85SsolHN0FEySEszTzGyNDc0srS0NDa1VIqtBQD65iCc",
                     *           "run": "vision/demo1",
                     *           "total": 3,
                     *           "x": [
                     *             0,
                     *             1,
                     *             2
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SeriesTable"];
                    readonly "application/vnd.tracklab.series": string;
                    /**
                     * @example run,key,x,value
                     *     vision/demo1,loss,0.0,1.0
                     *     vision/demo1,loss,1.0,0.5
                     *     vision/demo1,loss,2.0,0.3333333333333333
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly series_by_body_api_series_post: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "keys": [
                 *         "loss"
                 *       ],
                 *       "px": 1000,
                 *       "runs": [
                 *         "vision/demo1"
                 *       ],
                 *       "x": "step"
                 *     }
                 */
                readonly "application/json": components["schemas"]["SeriesQuestion"];
            };
        };
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A binary frame unless Accept names application/json or text/csv. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "coverage": 1,
                     *       "revs": {
                     *         "vision/demo1": "eAGrVkotS80rKdbLKs7Py1GyMrYwM9FRysgsLskvqoQJGlqaGuso5eTkwgVMTC11lPKLMtMz85SsolHN0FEySEszTzGyNDc0srS0NDa1VIqtBQD65iCc"
                     *       },
                     *       "series": [
                     *         {
                     *           "attempt": 0,
                     *           "exact": true,
                     *           "key": "loss",
                     *           "last": [
                     *             1,
                     *             0.5,
                     *             0.3333333333333333
                     *           ],
                     *           "n": 3,
                     *           "nonfinite": [],
                     *           "rev": "eAGrVkotS80rKdbLKs7Py1GyMrYwM9FRysgsLskvqoQJGlqaGuso5eTkwgVMTC11lPKLMtMz85SsolHN0FEySEszTzGyNDc0srS0NDa1VIqtBQD65iCc",
                     *           "run": "vision/demo1",
                     *           "total": 3,
                     *           "x": [
                     *             0,
                     *             1,
                     *             2
                     *           ]
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SeriesTable"];
                    readonly "application/vnd.tracklab.series": string;
                    /**
                     * @example run,key,x,value
                     *     vision/demo1,loss,0.0,1.0
                     *     vision/demo1,loss,1.0,0.5
                     *     vision/demo1,loss,2.0,0.3333333333333333
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly means_api_series_means_get: {
        readonly parameters: {
            readonly query: {
                /**
                 * @description group, tag, config.KEY, ...; empty for all
                 * @example config.lr
                 */
                readonly by?: string;
                /**
                 * @description flat: a list of rows; csv, or Accept: text/csv: the same as CSV
                 * @example json
                 */
                readonly format?: ("json" | "flat" | "csv") | null;
                /**
                 * @description comma-separated dotted names
                 * @example loss
                 */
                readonly keys: string;
                /**
                 * @description columns on the screen
                 * @example 1000
                 */
                readonly px?: number;
                /**
                 * @description comma-separated addresses
                 * @example vision/demo1
                 */
                readonly runs: string;
                /** @example ema:0.9 */
                readonly smooth?: string | null;
                /**
                 * @description which rows
                 * @example history
                 */
                readonly stream?: "history" | "system";
                /**
                 * @description step, time, relative, or any key
                 * @example step
                 */
                readonly x?: string | null;
                /** @example 0 */
                readonly x0?: number | null;
                /** @example 2000000000 */
                readonly x1?: number | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "coverage": 1,
                     *       "groups": [
                     *         {
                     *           "group": null,
                     *           "hi": [
                     *             1,
                     *             0.5,
                     *             0.3333333333333333
                     *           ],
                     *           "key": "loss",
                     *           "lo": [
                     *             1,
                     *             0.5,
                     *             0.3333333333333333
                     *           ],
                     *           "mean": [
                     *             1,
                     *             0.5,
                     *             0.3333333333333333
                     *           ],
                     *           "n": [
                     *             1,
                     *             1,
                     *             1
                     *           ],
                     *           "runs": [
                     *             "vision/demo1"
                     *           ],
                     *           "stderr": [
                     *             "NaN",
                     *             "NaN",
                     *             "NaN"
                     *           ],
                     *           "x": [
                     *             0,
                     *             1,
                     *             2
                     *           ]
                     *         }
                     *       ],
                     *       "revs": {
                     *         "vision/demo1": "eAGrVkotS80rKdbLKs7Py1GyMrYwM9FRysgsLskvqoQJGlqaGuso5eTkwgVMTC11lPKLMtMz85SsolHN0FEySEszTzGyNDc0srS0NDa1VIqtBQD65iCc"
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["GroupTable"];
                    /**
                     * @example group,key,x,mean,stderr,lo,hi,n
                     *     ,loss,0.0,1.0,NaN,1.0,1.0,1.0
                     *     ,loss,1.0,0.5,NaN,0.5,0.5,1.0
                     *     ,loss,2.0,0.3333333333333333,NaN,0.3333333333333333,0.3333333333333333,1.0
                     */
                    readonly "text/csv": string;
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly sweeps_api_sweeps_get: {
        readonly parameters: {
            readonly query?: {
                /** @example 100 */
                readonly limit?: number;
                /** @example vision */
                readonly project?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "sweeps": [
                     *         {
                     *           "best": {
                     *             "number": 0,
                     *             "run": "vision/demo1",
                     *             "value": 0.3333333333333333
                     *           },
                     *           "count": 1,
                     *           "created_at": "2026-11-22T11:18:18.825203Z",
                     *           "description": null,
                     *           "limit": 12,
                     *           "method": "random",
                     *           "metric": {
                     *             "goal": "minimize",
                     *             "name": "loss",
                     *             "target": null
                     *           },
                     *           "name": "learning rates",
                     *           "project": "vision",
                     *           "state": "RUNNING",
                     *           "states": {
                     *             "failed": 0,
                     *             "finished": 1,
                     *             "running": 0,
                     *             "stopped": 0
                     *           },
                     *           "sweep": "vision/search1",
                     *           "sweep_id": "search1",
                     *           "updated_at": "2026-11-22T11:18:18.826138Z"
                     *         }
                     *       ],
                     *       "total": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SweepList"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly sweep_api_sweeps__sweep__get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description number of a trial
                 * @example -1
                 */
                readonly after?: number;
                /** @example 100 */
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path: {
                /** @example vision/search1 */
                readonly sweep: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "best": {
                     *         "number": 0,
                     *         "run": "vision/demo1",
                     *         "value": 0.3333333333333333
                     *       },
                     *       "count": 1,
                     *       "created_at": "2026-11-22T11:18:18.825203Z",
                     *       "cursor": null,
                     *       "description": null,
                     *       "limit": 12,
                     *       "method": "random",
                     *       "metric": {
                     *         "goal": "minimize",
                     *         "name": "loss",
                     *         "target": null
                     *       },
                     *       "name": "learning rates",
                     *       "parameters": [
                     *         {
                     *           "fields": {
                     *             "max": 1,
                     *             "min": 0.0001
                     *           },
                     *           "kind": "log_uniform_values",
                     *           "name": "lr",
                     *           "varies": true
                     *         }
                     *       ],
                     *       "project": "vision",
                     *       "state": "RUNNING",
                     *       "states": {
                     *         "failed": 0,
                     *         "finished": 1,
                     *         "running": 0,
                     *         "stopped": 0
                     *       },
                     *       "sweep": "vision/search1",
                     *       "sweep_id": "search1",
                     *       "trials": [
                     *         {
                     *           "began_at": "2026-11-22T11:18:18.825607Z",
                     *           "ended_at": "2026-11-22T11:18:18.826130Z",
                     *           "exit_code": 0,
                     *           "number": 0,
                     *           "parameters": {
                     *             "lr": 0.1
                     *           },
                     *           "run": "vision/demo1",
                     *           "state": "finished",
                     *           "value": 0.3333333333333333
                     *         }
                     *       ],
                     *       "updated_at": "2026-11-22T11:18:18.826138Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SweepDetail"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly info_api_system_info_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "boot_id": "5b0c2e9e-6a0f-4c39-9a1e-0f6f0f2c7f11",
                     *       "cpu_count": 2,
                     *       "cpu_model": "AMD EPYC 9354 32-Core Processor",
                     *       "hostname": "box",
                     *       "memory_gb": 25.3,
                     *       "platform": "Linux-6.8.0-x86_64-with-glibc2.39",
                     *       "python_version": "3.11.7"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["MachineFacts"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly metrics_api_system_metrics_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cpu_frequency_mhz": 2700,
                     *       "cpu_frequency_mhz_per_core": [
                     *         2700,
                     *         2700
                     *       ],
                     *       "cpu_percent": 0,
                     *       "cpu_percent_per_core": [
                     *         0,
                     *         0
                     *       ],
                     *       "cpu_temperature_celsius": null,
                     *       "cpu_usable_cores": 2,
                     *       "disk_free_bytes": 49431617536,
                     *       "disk_read_bytes": 179798244352,
                     *       "disk_read_operations": 8439198,
                     *       "disk_temperature_celsius": null,
                     *       "disk_usage": 54.6,
                     *       "disk_used_bytes": 59512676352,
                     *       "disk_write_bytes": 626760885248,
                     *       "disk_write_operations": 11657118,
                     *       "load_15m": 4.283203125,
                     *       "load_1m": 0.8095703125,
                     *       "load_5m": 2.6875,
                     *       "memory_available_bytes": 24043249664,
                     *       "memory_cached_bytes": 10016235520,
                     *       "memory_percent": 4.9,
                     *       "memory_total_bytes": 25276514304,
                     *       "memory_used_bytes": 1233264640,
                     *       "net_dropped": 0,
                     *       "net_errors": 0,
                     *       "net_received_bytes": 31749964746,
                     *       "net_sent_bytes": 55100893,
                     *       "net_tcp_connections": 5,
                     *       "pressure_cpu_percent": 0.44,
                     *       "pressure_io_full_percent": 0,
                     *       "pressure_io_percent": 0,
                     *       "pressure_memory_full_percent": 0,
                     *       "pressure_memory_percent": 0,
                     *       "process_cpu_percent": 0,
                     *       "swap_in_bytes": 0,
                     *       "swap_out_bytes": 0,
                     *       "swap_percent": 0,
                     *       "swap_used_bytes": 0,
                     *       "tasks_running": 1,
                     *       "tasks_total": 113,
                     *       "timestamp": "2026-11-22T11:18:19.425213Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SystemRow"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly metrics_api_system_status_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "cpu_frequency_mhz": 2700,
                     *       "cpu_frequency_mhz_per_core": [
                     *         2700,
                     *         2700
                     *       ],
                     *       "cpu_percent": 0,
                     *       "cpu_percent_per_core": [
                     *         0,
                     *         0
                     *       ],
                     *       "cpu_temperature_celsius": null,
                     *       "cpu_usable_cores": 2,
                     *       "disk_free_bytes": 49431617536,
                     *       "disk_read_bytes": 179798244352,
                     *       "disk_read_operations": 8439198,
                     *       "disk_temperature_celsius": null,
                     *       "disk_usage": 54.6,
                     *       "disk_used_bytes": 59512676352,
                     *       "disk_write_bytes": 626760885248,
                     *       "disk_write_operations": 11657118,
                     *       "load_15m": 4.283203125,
                     *       "load_1m": 0.8095703125,
                     *       "load_5m": 2.6875,
                     *       "memory_available_bytes": 24043249664,
                     *       "memory_cached_bytes": 10016235520,
                     *       "memory_percent": 4.9,
                     *       "memory_total_bytes": 25276514304,
                     *       "memory_used_bytes": 1233264640,
                     *       "net_dropped": 0,
                     *       "net_errors": 0,
                     *       "net_received_bytes": 31749964746,
                     *       "net_sent_bytes": 55100893,
                     *       "net_tcp_connections": 5,
                     *       "pressure_cpu_percent": 0.44,
                     *       "pressure_io_full_percent": 0,
                     *       "pressure_io_percent": 0,
                     *       "pressure_memory_full_percent": 0,
                     *       "pressure_memory_percent": 0,
                     *       "process_cpu_percent": 0,
                     *       "swap_in_bytes": 0,
                     *       "swap_out_bytes": 0,
                     *       "swap_percent": 0,
                     *       "swap_used_bytes": 0,
                     *       "tasks_running": 1,
                     *       "tasks_total": 113,
                     *       "timestamp": "2026-11-22T11:18:19.425213Z"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SystemRow"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly every_api_views_get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "views": [
                     *         {
                     *           "created_at": "2026-11-22T11:18:19.818099Z",
                     *           "data": {
                     *             "keys": [
                     *               "loss"
                     *             ]
                     *           },
                     *           "id": "k3x9qd2fA0_-",
                     *           "name": "Losses",
                     *           "project": "vision",
                     *           "updated_at": "2026-11-22T11:18:19.818099Z",
                     *           "version": 1
                     *         }
                     *       ]
                     *     }
                     */
                    readonly "application/json": components["schemas"]["ViewList"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly add_api_views_post: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "data": {
                 *         "keys": [
                 *           "loss"
                 *         ]
                 *       },
                 *       "name": "Losses",
                 *       "project": "vision"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ViewEdit"];
            };
        };
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-22T11:18:19.818099Z",
                     *       "data": {
                     *         "keys": [
                     *           "loss"
                     *         ]
                     *       },
                     *       "id": "k3x9qd2fA0_-",
                     *       "name": "Losses",
                     *       "project": "vision",
                     *       "updated_at": "2026-11-22T11:18:19.818099Z",
                     *       "version": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SavedView"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly one_api_views__view_id__get: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example k3x9qd2fA0_- */
                readonly view_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    /** @description for If-None-Match */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-22T11:18:19.818099Z",
                     *       "data": {
                     *         "keys": [
                     *           "loss"
                     *         ]
                     *       },
                     *       "id": "k3x9qd2fA0_-",
                     *       "name": "Losses",
                     *       "project": "vision",
                     *       "updated_at": "2026-11-22T11:18:19.818099Z",
                     *       "version": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SavedView"];
                };
            };
            readonly 304: components["responses"]["NotModified"];
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly remove_api_views__view_id__delete: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example k3x9qd2fA0_- */
                readonly view_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly change_api_views__view_id__patch: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @example k3x9qd2fA0_- */
                readonly view_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                /**
                 * @example {
                 *       "name": "Losses, smoothed"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ViewEdit"];
            };
        };
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-22T11:18:19.818099Z",
                     *       "data": {
                     *         "keys": [
                     *           "loss"
                     *         ]
                     *       },
                     *       "id": "k3x9qd2fA0_-",
                     *       "name": "Losses, smoothed",
                     *       "project": "vision",
                     *       "updated_at": "2026-11-22T11:18:19.824256Z",
                     *       "version": 1
                     *     }
                     */
                    readonly "application/json": components["schemas"]["SavedView"];
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
    readonly scrape_metrics_get: {
        readonly parameters: {
            readonly query?: {
                /**
                 * @description only its runs
                 * @example vision
                 */
                readonly project?: string | null;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A problem (RFC 9457). */
            readonly "4XX": {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Successful Response */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # HELP tracklab_run_info A run that is being written.
                     *     # TYPE tracklab_run_info gauge
                     *     tracklab_run_info{run="vision/demo2",project="vision",name="demo two",status="running",host="box"} 1.0
                     *     # HELP tracklab_run_step Newest step of the run.
                     *     # TYPE tracklab_run_step gauge
                     *     tracklab_run_step{run="vision/demo2"} 0.0
                     *     # HELP tracklab_run_stalled 1 where the run stands still longer than its rhythm says.
                     *     # TYPE tracklab_run_stalled gauge
                     *     tracklab_run_stalled{run="vision/demo2"} 0.0
                     *     # HELP tracklab_run_updated_timestamp_seconds Time of the run's newest line.
                     *     # TYPE tracklab_run_updated_timestamp_seconds gauge
                     *     tracklab_run_updated_timestamp_seconds{run="vision/demo2"} 1795346298.828106
                     *     # HELP tracklab_metric What the summary holds of a metric, mostly its last value.
                     *     # TYPE tracklab_metric gauge
                     *     tracklab_metric{run="vision/demo2",key="loss"} 0.5
                     *     # HELP tracklab_samples_left_out Samples that this scrape has no room for.
                     *     # TYPE tracklab_samples_left_out gauge
                     *     tracklab_samples_left_out 0
                     */
                    readonly "text/plain": string;
                };
            };
            readonly 401: components["responses"]["Problem401"];
            readonly 429: components["responses"]["Problem429"];
            readonly 503: components["responses"]["Problem503"];
        };
    };
}
