/** Source, packages and variables: what it takes to make a result again. */

import { useMemo, useState } from "react";
import type { RunDetail } from "../../api/types";
import { KeyValues } from "../../components/KeyValues";
import { Failure, Progress } from "../../components/states";
import { type Surroundings as Found, readSurroundings } from "../../data/surroundings";
import { type Texts, useText } from "../../locales/useText";
import { fileUrl, useFileText } from "../../state/queries";
import s from "./run.module.css";

type Props = { readonly run: RunDetail; readonly find: string };

export function Surroundings({ run, find }: Props) {
  const t = useText();
  const found = useMemo(() => readSurroundings(run.metadata), [run.metadata]);
  const wanted = find.toLowerCase();
  const variables = found.variables.filter(([name, value]) =>
    `${name}=${value}`.toLowerCase().includes(wanted),
  );
  const source = sourceEntries(found, t);
  return (
    <>
      {source.length > 0 && (
        <>
          <h2 className={s.spaced}>{t.surroundings.source}</h2>
          <KeyValues entries={source} />
        </>
      )}
      {found.patch && (
        <Listing
          run={run.run}
          path={found.patch}
          title={found.patchCut ? t.surroundings.patchCut : t.surroundings.patch}
          find=""
        />
      )}
      {found.packages.map(([kind, count, path]) => (
        <Listing
          key={kind}
          run={run.run}
          path={path}
          title={t.surroundings.packages(kind === "conda" ? "conda" : "Python", count)}
          find={wanted}
        />
      ))}
      {variables.length > 0 && (
        <>
          <h2 className={s.spaced}>{t.surroundings.variables}</h2>
          <KeyValues entries={variables} />
        </>
      )}
    </>
  );
}

function sourceEntries(found: Found, t: Texts): readonly (readonly [string, string])[] {
  const words = t.surroundings;
  const changes =
    found.dirty === null ? null : found.dirty ? words.changed(found.changed) : words.clean;
  const untracked =
    found.untrackedCount > 0
      ? `${found.untrackedCount}: ${found.untracked.slice(0, 5).join(", ")}`
      : null;
  const all: readonly (readonly [string, string | null])[] = [
    [words.branch, found.branch],
    [words.remote, found.remote],
    [words.changes, changes],
    [words.untracked, untracked],
    [words.accelerators, found.accelerators.join(", ")],
  ];
  return all.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
}

type ListingProps = {
  readonly run: string;
  readonly path: string;
  readonly title: string;
  /** Only lines that hold this, in small letters. */
  readonly find: string;
};

/** A text file of the run, fetched when it is opened. */
function Listing({ run, path, title, find }: ListingProps) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const query = useFileText(run, open ? path : null);
  const lines = query.data?.split("\n").filter((line) => line.toLowerCase().includes(find));
  return (
    <details className={s.listing} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      <a href={fileUrl(run, path)} download={path.slice(path.lastIndexOf("/") + 1)}>
        {t.files.download(path)}
      </a>
      {query.isLoading && <Progress />}
      {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      {lines && <pre>{lines.join("\n")}</pre>}
    </details>
  );
}
