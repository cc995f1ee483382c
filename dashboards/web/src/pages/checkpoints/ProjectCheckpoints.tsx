/** The checkpoints of all runs of a project. */

import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useText } from "../../locales/useText";
import { CheckpointSheet } from "./CheckpointSheet";

export function ProjectCheckpoints() {
  const { project = "" } = useParams({ strict: false });
  const t = useText();
  useEffect(() => {
    document.title = `${t.nav.checkpoints} – ${project} – TrackLab`;
  }, [project, t]);
  return <CheckpointSheet scope={{ project }} />;
}
