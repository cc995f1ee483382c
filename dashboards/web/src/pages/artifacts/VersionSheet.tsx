/** One version: what is said of it, its files, who made it and who used it. */

import { useMemo } from "react";
import type { ArtifactEntry, ArtifactVersion } from "../../api/types";
import { type Column, Grid } from "../../components/Grid";
import { KeyValues } from "../../components/KeyValues";
import { Failure, Progress } from "../../components/states";
import { type Change, changesOf } from "../../data/artifacts";
import { flatten } from "../../data/flatten";
import { formatBytes, formatValue } from "../../data/format";
import { formatStamp } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { artifactFileUrl, useLineage, useVersion } from "../../state/artifacts";
import s from "./artifacts.module.css";
import { LineageGraph } from "./LineageGraph";
import { RunLink } from "./RunLink";

type Props = {
  readonly version: ArtifactVersion;
  /** The version before it, whose files are compared. */
  readonly before: ArtifactVersion | undefined;
};

const NOTHING = { type: "", name: "", version: "" };

export function VersionSheet({ version, before }: Props) {
  const t = useText();
  const detail = useVersion(version);
  const older = useVersion(before ?? NOTHING);
  const lineage = useLineage(version);
  const files = detail.data?.files;
  const olderFiles = before ? older.data?.files : undefined;
  const { changes, gone } = useMemo(
    () => changesOf(files ?? [], olderFiles ?? []),
    [files, olderFiles],
  );
  const columns = useMemo(
    () => fileColumns(version, olderFiles ? changes : null, t),
    [version, olderFiles, changes, t],
  );
  if (detail.error) return <Failure error={detail.error} retry={() => void detail.refetch()} />;
  if (!detail.data || !files) return <Progress />;
  const { description, metadata, digest, created_at: created, run, source } = detail.data;
  const facts: readonly (readonly [string, string | null])[] = [
    [t.artifacts.at, formatStamp(created)],
    [t.artifacts.digest, digest],
    [t.artifacts.source, source],
  ];
  const told = [...flatten(metadata)].map(([name, value]) => [name, formatValue(value)] as const);
  return (
    <>
      {description && <p className={s.description}>{description}</p>}
      <div className={s.columns}>
        <section>
          <h3>{version.version}</h3>
          <KeyValues
            entries={[
              ...facts.flatMap(([name, text]) => (text ? [[name, text] as const] : [])),
              ...(run ? [[t.artifacts.by, <RunLink key={run} run={run} />] as const] : []),
            ]}
          />
        </section>
        <section>
          <h3>{t.artifacts.metadata}</h3>
          {told.length === 0 ? <p className={s.none}>{t.none}</p> : <KeyValues entries={told} />}
        </section>
      </div>
      <section className={s.part}>
        <h3>
          {t.artifacts.files}
          {before && olderFiles && gone > 0 && (
            <small>{t.artifacts.gone(gone, before.version)}</small>
          )}
        </h3>
        <div className={s.files} data-many={files.length > 12}>
          <Grid
            auto={files.length <= 12}
            label={t.artifacts.files}
            columns={columns}
            rows={files}
            rowId={({ path }) => path}
          />
        </div>
      </section>
      <section className={s.part}>
        <h3>
          {t.artifacts.lineage}
          {lineage.data?.truncated && <small>{t.artifacts.truncated}</small>}
        </h3>
        {lineage.isLoading && <Progress />}
        {lineage.error && <Failure error={lineage.error} retry={() => void lineage.refetch()} />}
        {lineage.data && <LineageGraph start={lineage.data.start} edges={lineage.data.edges} />}
        {lineage.data?.edges.length === 0 && <p className={s.none}>{t.none}</p>}
      </section>
    </>
  );
}

function fileColumns(
  version: ArtifactVersion,
  changes: ReadonlyMap<string, Change> | null,
  t: Texts,
): readonly Column<ArtifactEntry>[] {
  const marks: readonly Column<ArtifactEntry>[] = [
    {
      id: "change",
      header: t.artifacts.change,
      width: 104,
      cell: ({ path }) => {
        const change = changes?.get(path);
        return change ? (
          <span data-change={change} className={s.change}>
            {t.artifacts.changes[change]}
          </span>
        ) : (
          ""
        );
      },
    },
  ];
  return [
    {
      id: "path",
      header: t.files.path,
      width: 150,
      grow: true,
      mono: true,
      cell: (entry) => <FileName version={version} entry={entry} />,
    },
    ...(changes ? marks : []),
    {
      id: "size",
      header: t.artifacts.size,
      width: 92,
      end: true,
      cell: ({ size }) => (size === null ? "–" : formatBytes(size)),
    },
  ];
}

type FileNameProps = { readonly version: ArtifactVersion; readonly entry: ArtifactEntry };

/** A file to fetch, or the address of what stayed where it was. */
function FileName({ version, entry: { path, ref } }: FileNameProps) {
  const t = useText();
  if (ref === null) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return (
      <span>
        <a href={artifactFileUrl(version, path)} download={name} title={t.files.download(path)}>
          {path}
        </a>
      </span>
    );
  }
  const linked = /^https?:\/\//u.test(ref);
  return (
    <span title={ref}>
      {path} →{" "}
      {linked ? (
        <a href={ref} target="_blank" rel="noopener noreferrer">
          {ref}
        </a>
      ) : (
        ref
      )}
    </span>
  );
}
