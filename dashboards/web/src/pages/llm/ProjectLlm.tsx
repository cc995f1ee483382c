/** The LLM calls of all runs of a project. */

import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useText } from "../../locales/useText";
import { LlmExplorer } from "./LlmExplorer";

export function ProjectLlm() {
  const { project = "" } = useParams({ strict: false });
  const t = useText();
  useEffect(() => {
    document.title = `${t.nav.llm} – ${project} – TrackLab`;
  }, [project, t]);
  return <LlmExplorer scope={{ project }} />;
}
