/** A run by its name, as a link to its artifacts. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useRunName } from "../../state/queries";

type Props = {
  /** `project/run_id`; a project may hold slashes. */
  readonly run: string;
  readonly className?: string | undefined;
  readonly children?: ReactNode;
};

export function RunLink({ run, className, children }: Props) {
  const slash = run.lastIndexOf("/");
  const [project, id] = [run.slice(0, slash), run.slice(slash + 1)];
  const name = useRunName(project, id);
  return (
    <Link
      to="/p/$project/r/$run/$tab"
      params={{ project, run: id, tab: "artifacts" }}
      className={className}
      title={run}
    >
      {children}
      {name}
    </Link>
  );
}
