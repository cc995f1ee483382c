/** The LLM calls of one run. */

import type { RunDetail } from "../../api/types";
import { LlmExplorer } from "../llm/LlmExplorer";

export function RunLlm({ run }: { readonly run: RunDetail }) {
  return <LlmExplorer scope={{ run: run.run }} />;
}
