/** A logged table: virtual rows, sorted and searched here, media in their cells. */

import { useMemo, useState } from "react";
import type { MediaItem } from "../../../api/types";
import { SearchField } from "../../../components/controls";
import { type Column, Grid } from "../../../components/Grid";
import { Failure, Progress } from "../../../components/states";
import { formatValue } from "../../../data/format";
import { isMedium, type MediaRecord, type TableFile, toShown } from "../../../data/media";
import {
  arrange,
  cellText,
  columnWidth,
  isNumeric,
  joinTables,
  type TableData,
  type TableRow,
  toTable,
} from "../../../data/table";
import { useText } from "../../../locales/useText";
import { fileUrl, frameUrl, useFilesJson } from "../../../state/queries";
import type { LoggedMedia, TableLook } from "./Medium";
import s from "./media.module.css";

type Props = {
  readonly run: string;
  readonly item: MediaItem;
  readonly file: TableFile;
  readonly logged: LoggedMedia;
  /** How it is looked at where the URL says so; else that is kept here. */
  readonly look: TableLook | undefined;
};

/** Pixels of a row that shows pictures. */
const TALL = 64;
const MEDIA_WIDTH = 128;

/** The files whose rows together are the table: all parts up to this one. */
function partsOf(item: MediaItem, file: TableFile, logged: LoggedMedia): readonly string[] {
  if (file.path === null) return [];
  if (file.part === null) return [file.path];
  return logged
    .filter(({ step }) => step <= item.step)
    .flatMap(({ values }) => values)
    .flatMap(({ record }) => {
      const shown = toShown(record as MediaRecord);
      return shown.kind === "table" && shown.file.path !== null ? [shown.file.path] : [];
    });
}

export function useTable(
  run: string,
  paths: readonly string[],
): { readonly table: TableData | null; readonly query: ReturnType<typeof useFilesJson> } {
  const query = useFilesJson(run, paths);
  const table = useMemo(
    () => joinTables((query.data ?? []).flatMap((file) => toTable(file) ?? [])),
    [query.data],
  );
  return { table, query };
}

export function TableView({ run, item, file, logged, look }: Props) {
  const t = useText();
  const [own, setOwn] = useState({ rows: "", sort: "" });
  const { find, sort, change } = look ?? {
    find: own.rows,
    sort: own.sort,
    change: (patch: Partial<typeof own>) => setOwn((now) => ({ ...now, ...patch })),
  };
  const paths = useMemo(() => partsOf(item, file, logged), [item, file, logged]);
  const { table, query } = useTable(run, paths);
  const rows = useMemo(() => (table ? arrange(table, find, sort) : []), [table, find, sort]);
  const columns = useMemo(() => (table ? columnsOf(table, run) : []), [table, run]);
  if (file.path === null) return <p className={s.note}>{t.media.lost}</p>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!table) return <Progress />;
  const pictures = table.rows.slice(0, 100).some((row) => row.some(isMedium));
  return (
    <div className={s.table} data-big={look !== undefined}>
      <div className={s.tableTools}>
        <SearchField
          label={t.media.findRows}
          value={find}
          clear={t.clear}
          onChange={(rows) => change({ rows })}
        />
        <span>{t.media.rows(rows.length, table.rows.length)}</span>
      </div>
      <Grid
        label={item.key}
        columns={columns}
        rows={rows}
        rowId={({ index }) => String(index)}
        sort={sort}
        onSort={(sort) => change({ sort })}
        tall={pictures ? TALL : undefined}
      />
    </div>
  );
}

function columnsOf(table: TableData, run: string): readonly Column<TableRow>[] {
  return table.columns.map((header, index) => {
    const media = table.rows.slice(0, 100).some((row) => isMedium(row[index]));
    const end = isNumeric(table, index);
    return {
      id: String(index),
      header,
      width: media ? MEDIA_WIDTH : columnWidth(table, index),
      grow: index === table.columns.length - 1,
      end,
      mono: end,
      sort: String(index),
      cell: ({ cells }) => <Cell run={run} value={cells[index]} />,
    };
  });
}

function Cell({ run, value }: { readonly run: string; readonly value: unknown }) {
  if (isMedium(value)) return <MediaCell run={run} record={value} />;
  return <span title={formatValue(value)}>{cellText(value)}</span>;
}

/** What fits a row: a picture, a player, or the file's name to open. */
function MediaCell({ run, record }: { readonly run: string; readonly record: MediaRecord }) {
  const shown = toShown(record);
  const type = String(record["_type"]);
  if (shown.kind === "pictures") {
    const [picture] = shown.pictures;
    if (!picture?.path) return <span>–</span>;
    return (
      <a href={frameUrl(run, picture.path)} target="_blank" rel="noopener noreferrer">
        <img
          className={s.thumb}
          src={fileUrl(run, picture.path)}
          alt={picture.caption || type}
          loading="lazy"
          data-small={picture.width <= 256}
        />
      </a>
    );
  }
  if (!("files" in shown)) return <span>{type}</span>;
  const path = shown.files[0]?.path;
  if (!path) return <span>–</span>;
  if (shown.kind === "sounds") {
    // biome-ignore lint/a11y/useMediaCaption: what a run logged has no captions track
    return <audio className={s.cellSound} controls preload="none" src={fileUrl(run, path)} />;
  }
  return (
    <a href={fileUrl(run, path)} download={path.slice(path.lastIndexOf("/") + 1)}>
      {type.replace(/-file$/u, "")}
    </a>
  );
}
