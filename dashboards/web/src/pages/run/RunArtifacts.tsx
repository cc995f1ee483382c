/** What this run made and what it used, in the order of time. */

import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { RunDetail } from "../../api/types";
import { type Column, Grid } from "../../components/Grid";
import { Empty, Failure, Progress } from "../../components/states";
import { type ArtifactMove, toMoves } from "../../data/artifacts";
import { formatBytes } from "../../data/format";
import { formatMoment } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useEvents } from "../../state/queries";
import s from "./run.module.css";

const EXAMPLE = `found = run.use_artifact("numbers:latest")
run.log_artifact(tracklab.Artifact("net", type="model"))`;

function columnsOf(t: Texts, home: string): readonly Column<ArtifactMove>[] {
  return [
    {
      id: "op",
      header: t.artifacts.op,
      width: 80,
      cell: ({ op }) => (op === "use" ? t.artifacts.used : t.artifacts.logged),
    },
    { id: "type", header: t.artifacts.type, width: 96, cell: ({ type }) => type },
    {
      id: "name",
      header: t.artifacts.name,
      width: 150,
      grow: true,
      cell: ({ type, name, version, project }) => (
        <span>
          <Link
            to="/p/$project/artifacts"
            params={{ project: project || home }}
            search={{ of: `${type}/${name}`, v: version }}
          >
            {name}:{version}
          </Link>
        </span>
      ),
    },
    {
      id: "aliases",
      header: t.artifacts.aliases,
      width: 130,
      roomy: true,
      cell: ({ aliases }) => aliases.join(", "),
    },
    {
      id: "size",
      header: t.artifacts.size,
      width: 84,
      end: true,
      cell: ({ size }) => (size === null ? "–" : formatBytes(size)),
    },
    {
      id: "time",
      header: t.events.time,
      width: 164,
      mono: true,
      roomy: true,
      cell: ({ timestamp }) => formatMoment(timestamp, true),
    },
  ];
}

export function RunArtifacts({ run }: { readonly run: RunDetail }) {
  const t = useText();
  const events = useEvents(run.run, { kind: "artifact" });
  const moves = useMemo(() => toMoves(events.data?.events ?? []), [events.data]);
  const columns = useMemo(() => columnsOf(t, run.project), [t, run.project]);
  if (events.error) return <Failure error={events.error} retry={() => void events.refetch()} />;
  if (events.isLoading) return <Progress />;
  if (moves.length === 0) {
    return (
      <Empty title={t.artifacts.runEmpty} code={EXAMPLE}>
        {t.artifacts.emptyHint}
      </Empty>
    );
  }
  return (
    <div className={s.fill}>
      <div className={s.toolbar}>
        <span className={s.muted}>
          {t.artifacts.moves(
            moves.filter(({ op }) => op !== "use").length,
            moves.filter(({ op }) => op === "use").length,
          )}
        </span>
      </div>
      <Grid label={t.nav.artifacts} columns={columns} rows={moves} rowId={({ id }) => id} />
    </div>
  );
}
