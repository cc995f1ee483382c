/** Tables made of tables: two joined by a column, or one in parts. */

import { useMemo } from "react";
import { Failure, Progress } from "../../../components/states";
import type { JoinKeys, MediaFile } from "../../../data/media";
import { partsIn } from "../../../data/parts";
import { joinOn, toTable } from "../../../data/table";
import { useText } from "../../../locales/useText";
import { useFiles, useFilesJson } from "../../../state/queries";
import type { TableLook } from "./Medium";
import s from "./media.module.css";
import { TableFiles, TableGrid } from "./TableView";

type Props = {
  readonly run: string;
  readonly name: string;
  readonly look: TableLook | undefined;
};

type JoinedProps = Props & { readonly files: readonly MediaFile[]; readonly keys: JoinKeys };

export function JoinedView({ run, name, files, keys, look }: JoinedProps) {
  const t = useText().media;
  const paths = files.flatMap(({ path }) => path ?? []);
  const query = useFilesJson(run, paths);
  const [first, second] = keys;
  const table = useMemo(() => {
    const [one, other] = (query.data ?? []).map(toTable);
    return one && other ? joinOn([one, other], [first, second]) : null;
  }, [query.data, first, second]);
  if (paths.length < 2) return <p className={s.note}>{t.lost}</p>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Progress />;
  if (!table) return <p className={s.note}>{t.notJoined(first, second)}</p>;
  const shown = table.rows.length;
  return (
    <>
      {shown < table.total && <p className={s.cut}>{t.joinedCut(shown, table.total)}</p>}
      <TableGrid run={run} name={name} table={table} look={look} />
    </>
  );
}

export function PartsView({ run, name, folder, look }: Props & { readonly folder: string }) {
  const t = useText().media;
  const files = useFiles(run);
  const paths = useMemo(() => {
    const every = files.data?.files ?? [];
    return partsIn(
      folder,
      run,
      every.map(({ path }) => path),
    );
  }, [files.data, folder, run]);
  if (files.error) return <Failure error={files.error} retry={() => void files.refetch()} />;
  if (!files.data) return <Progress />;
  if (paths.length === 0) return <p className={s.note}>{t.partsElsewhere(folder)}</p>;
  return <TableFiles run={run} name={name} paths={paths} look={look} />;
}
