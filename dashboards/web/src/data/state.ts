/** What people are shown of a run: how it fares, as one word. */

/** A run that lives, but is silent for longer than its own rhythm explains, stands still. */
export function stateOf<S extends string>(run: {
  readonly status: S;
  readonly stalled: boolean;
}): S | "stalled" {
  return run.stalled && run.status === "running" ? "stalled" : run.status;
}
