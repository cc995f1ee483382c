/** The palette's content: pages, projects, runs, metrics of the open project, actions. */

import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";
import { type Choice, Palette } from "../../components/Overlay";
import { StatusGlyph } from "../../components/StatusGlyph";
import { stateOf } from "../../data/state";
import { useText } from "../../locales/useText";
import { useProjects, useRecentRuns, useRuns } from "../../state/queries";
import { fieldNames } from "../../state/runTable";
import { groundOf, useSettings } from "../../state/settings";
import { copyLink } from "./Shell";

type FinderProps = { readonly onClose: () => void; readonly onKeys: () => void };

export function Finder({ onClose, onKeys }: FinderProps) {
  const t = useText();
  const navigate = useNavigate();
  const { theme, change } = useSettings();
  const { project } = useParams({ strict: false });
  const projects = useProjects();
  const recent = useRecentRuns();
  const own = useRuns(project ?? "");
  const choices = useMemo(() => {
    const list: Choice[] = [];
    const page = (id: string, text: string, run: () => void): void =>
      void list.push({ id, kind: t.palette.page, text, run });
    page("home", t.nav.home, () => void navigate({ to: "/" }));
    if (project !== undefined) {
      page(
        "runs",
        `${project}: ${t.nav.runs}`,
        () => void navigate({ to: "/p/$project", params: { project } }),
      );
      page(
        "sweeps",
        `${project}: ${t.nav.sweeps}`,
        () => void navigate({ to: "/p/$project/sweeps", params: { project } }),
      );
      page(
        "llm",
        `${project}: ${t.nav.llm}`,
        () => void navigate({ to: "/p/$project/llm", params: { project } }),
      );
      page(
        "ckpt",
        `${project}: ${t.nav.checkpoints}`,
        () => void navigate({ to: "/p/$project/checkpoints", params: { project } }),
      );
      page(
        "artifacts",
        `${project}: ${t.nav.artifacts}`,
        () => void navigate({ to: "/p/$project/artifacts", params: { project } }),
      );
    }
    page("system", t.nav.system, () => void navigate({ to: "/system" }));
    page("settings", t.nav.settings, () => void navigate({ to: "/settings" }));
    for (const one of projects.data?.projects ?? []) {
      list.push({
        id: `p:${one.project}`,
        kind: t.palette.project,
        text: one.project,
        run: () => void navigate({ to: "/p/$project", params: { project: one.project } }),
      });
    }
    const runs = project === undefined ? recent.data?.runs : own.data?.runs;
    for (const one of runs ?? []) {
      list.push({
        id: `r:${one.run}`,
        kind: t.palette.run,
        text: one.name,
        hint: project === undefined ? one.project : one.run_id,
        icon: <StatusGlyph status={stateOf(one)} />,
        run: () =>
          void navigate({
            to: "/p/$project/r/$run/$tab",
            params: { project: one.project, run: one.run_id, tab: "overview" },
          }),
      });
    }
    if (project !== undefined) {
      for (const key of fieldNames(own.data?.runs ?? []).summary) {
        list.push({
          id: `k:${key}`,
          kind: t.palette.metric,
          text: key,
          run: () =>
            void navigate({ to: "/p/$project", params: { project }, search: { full: key } }),
        });
      }
    }
    const dark = groundOf(theme) === "dark";
    list.push({
      id: "theme",
      kind: t.palette.action,
      text: t.palette.toggleTheme,
      run: () => change({ theme: dark ? "light" : "dark" }),
    });
    list.push({
      id: "copy",
      kind: t.palette.action,
      text: t.palette.copyLink,
      run: () => void copyLink(t.copied),
    });
    list.push({
      id: "keys",
      kind: t.palette.action,
      text: t.palette.showKeys,
      run: () => onKeys(),
    });
    return list;
  }, [t, navigate, project, projects.data, recent.data, own.data, theme, change, onKeys]);
  return <Palette choices={choices} onClose={onClose} />;
}
