/** The checkpoints of one run. */

import type { RunDetail } from "../../api/types";
import { CheckpointSheet } from "../checkpoints/CheckpointSheet";

export function RunCheckpoints({ run }: { readonly run: RunDetail }) {
  return <CheckpointSheet scope={{ run: run.run }} />;
}
