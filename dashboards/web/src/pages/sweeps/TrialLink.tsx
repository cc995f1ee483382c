/** A trial by the name of its run, as a link to it. */

import { Link } from "@tanstack/react-router";
import type { RunState, SweepTrial, TrialState } from "../../api/types";
import { StatusGlyph } from "../../components/StatusGlyph";
import { useRunName } from "../../state/queries";
import s from "./sweeps.module.css";

/** What the run of a trial in this state looks like elsewhere: one that was stopped has ended. */
export const GLYPHS: Record<TrialState, RunState> = {
  running: "running",
  finished: "finished",
  failed: "failed",
  stopped: "finished",
};

export function TrialLink({ trial }: { readonly trial: SweepTrial }) {
  const run = trial.run ?? "";
  const slash = run.lastIndexOf("/");
  const [project, id] = [run.slice(0, slash), run.slice(slash + 1)];
  const name = useRunName(project, id);
  return (
    <span className={s.state}>
      <StatusGlyph status={GLYPHS[trial.state]} />
      {trial.run === null ? (
        "–"
      ) : (
        <Link
          to="/p/$project/r/$run/$tab"
          params={{ project, run: id, tab: "overview" }}
          title={run}
        >
          {name}
        </Link>
      )}
    </span>
  );
}
