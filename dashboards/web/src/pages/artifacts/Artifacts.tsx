/** Artifacts of a project: names by type, their versions, and one version in full. */

import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import type { ArtifactName, ArtifactVersion } from "../../api/types";
import { Button, SearchField } from "../../components/controls";
import { type Column, Grid } from "../../components/Grid";
import { Empty, Failure, Progress } from "../../components/states";
import { parseAddress } from "../../data/artifacts";
import { formatBytes, formatMetric } from "../../data/format";
import { searchKeys } from "../../data/sections";
import { formatStamp } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useArtifacts, useVersions } from "../../state/artifacts";
import { ARTIFACTS, useView } from "../../state/views";
import s from "./artifacts.module.css";
import { VersionSheet } from "./VersionSheet";

const EXAMPLE = `dataset = tracklab.Artifact("numbers", type="dataset")
dataset.add_dir("data")
run.log_artifact(dataset)`;

/** Tables that runs logged are versions too: many, and seldom what somebody looks for. */
const isTable = ({ type }: ArtifactName): boolean => type === "run_table";
const addressOf = ({ type, name }: ArtifactName): string => `${type}/${name}`;

export function Artifacts() {
  const t = useText();
  const { project = "" } = useParams({ strict: false });
  const [view, change] = useView(ARTIFACTS);
  const list = useArtifacts(project);
  useEffect(() => {
    document.title = `${t.nav.artifacts} – ${project} – TrackLab`;
  }, [t, project]);
  const all = list.data?.artifacts ?? [];
  const tables = all.filter(isTable).length;
  const onlyTables = tables === all.length;
  const shown = useMemo(() => {
    const wanted = all.filter((one) => view.tables || onlyTables || !isTable(one));
    const names = new Set(searchKeys(wanted.map(addressOf), view.find));
    return wanted.filter((one) => names.has(addressOf(one)));
  }, [all, view.tables, view.find, onlyTables]);
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (list.isLoading) return <Progress />;
  if (all.length === 0) {
    return (
      <Empty title={t.artifacts.empty} code={EXAMPLE}>
        {t.artifacts.emptyHint}
      </Empty>
    );
  }
  const [first] = shown;
  const chosen = view.of === "" && first ? addressOf(first) : view.of;
  const address = parseAddress(chosen);
  return (
    <div className={s.page}>
      <div className={s.names}>
        <div className={s.tools}>
          <SearchField
            className={s.find}
            label={t.artifacts.find}
            value={view.find}
            clear={t.clear}
            onChange={(find) => change({ find })}
          />
          {tables > 0 && !onlyTables && (
            <Button
              label={t.artifacts.tablesHint}
              text={t.artifacts.tables(tables)}
              pressed={view.tables}
              onClick={() => change({ tables: !view.tables })}
            />
          )}
        </div>
        <Grid
          label={t.artifacts.label}
          columns={nameColumns(t)}
          rows={shown}
          rowId={addressOf}
          selected={new Set([chosen])}
          onOpen={(one) => change({ of: addressOf(one), v: "" }, "push")}
        />
      </div>
      {address && (
        <Versions
          key={chosen}
          type={address.type}
          name={address.name}
          version={view.v}
          onOpen={(v) => change({ of: chosen, v }, "push")}
        />
      )}
    </div>
  );
}

function nameColumns(t: Texts): readonly Column<ArtifactName>[] {
  return [
    { id: "type", header: t.artifacts.type, width: 92, cell: ({ type }) => type },
    { id: "name", header: t.artifacts.name, width: 130, grow: true, cell: ({ name }) => name },
    {
      id: "versions",
      header: t.artifacts.versions,
      width: 72,
      end: true,
      roomy: true,
      cell: ({ versions }) => formatMetric(versions),
    },
    {
      id: "size",
      header: t.artifacts.size,
      width: 84,
      end: true,
      cell: ({ size }) => formatBytes(size),
    },
  ];
}

/** So many rows are shown at their full height; of more, a part at a time. */
const SHORT = 8;

type VersionsProps = {
  readonly type: string;
  readonly name: string;
  /** The one that is open; empty for the newest. */
  readonly version: string;
  readonly onOpen: (version: string) => void;
};

function Versions({ type, name, version, onOpen }: VersionsProps) {
  const t = useText();
  const list = useVersions(type, name);
  const versions = list.data?.versions ?? [];
  const open =
    versions.find((one) => one.version === version || one.aliases.includes(version)) ?? versions[0];
  const before = open && versions[versions.indexOf(open) + 1];
  return (
    <div className={s.sheet}>
      <header className={s.head}>
        <h2>{name}</h2>
        <span>{type}</span>
      </header>
      {list.isLoading && <Progress />}
      {list.error && <Failure error={list.error} retry={() => void list.refetch()} />}
      {versions.length > 0 && (
        <div className={s.versions} data-many={versions.length > SHORT}>
          <Grid
            auto={versions.length <= SHORT}
            label={t.artifacts.versions}
            columns={versionColumns(t)}
            rows={versions}
            rowId={(one) => one.version}
            selected={new Set(open ? [open.version] : [])}
            onOpen={(one) => onOpen(one.version)}
          />
        </div>
      )}
      {open && <VersionSheet version={open} before={before} />}
    </div>
  );
}

function versionColumns(t: Texts): readonly Column<ArtifactVersion>[] {
  return [
    {
      id: "version",
      header: t.artifacts.version,
      width: 84,
      mono: true,
      cell: ({ version }) => version,
    },
    {
      id: "aliases",
      header: t.artifacts.aliases,
      width: 160,
      grow: true,
      cell: ({ aliases, tags }) => (
        <span className={s.aliases}>
          {aliases.map((alias) => (
            <b key={alias}>{alias}</b>
          ))}
          {tags.map((tag) => (
            <i key={tag}>{tag}</i>
          ))}
        </span>
      ),
    },
    {
      id: "files",
      header: t.artifacts.files,
      width: 64,
      end: true,
      roomy: true,
      cell: ({ file_count: count }) => formatMetric(count),
    },
    {
      id: "size",
      header: t.artifacts.size,
      width: 84,
      end: true,
      cell: ({ size }) => formatBytes(size),
    },
    {
      id: "created",
      header: t.artifacts.created,
      width: 164,
      mono: true,
      roomy: true,
      cell: ({ created_at: created }) => formatStamp(created),
    },
  ];
}
