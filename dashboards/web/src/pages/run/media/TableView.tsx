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
  const paths = useMemo(() => partsOf(item, file, logged), [item, file, logged]);
  return <TableFiles run={run} name={item.key} paths={paths} look={look} />;
}

type FilesProps = Pick<Props, "run" | "look"> & {
  readonly name: string;
  /** None where a file could not be kept. */
  readonly paths: readonly string[];
};

/** Files whose rows, one after the other, are one table. */
export function TableFiles({ run, name, paths, look }: FilesProps) {
  const t = useText().media;
  const { table, query } = useTable(run, paths);
  if (paths.length === 0) return <p className={s.note}>{t.lost}</p>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (!table) return <Progress />;
  return <TableGrid run={run} name={name} table={table} look={look} />;
}

type GridProps = Pick<FilesProps, "run" | "name" | "look"> & { readonly table: TableData };

export function TableGrid({ run, name, table, look }: GridProps) {
  const t = useText();
  const [own, setOwn] = useState({ rows: "", sort: "" });
  const { find, sort, change } = look ?? {
    find: own.rows,
    sort: own.sort,
    change: (patch: Partial<typeof own>) => setOwn((now) => ({ ...now, ...patch })),
  };
  const rows = useMemo(() => arrange(table, find, sort), [table, find, sort]);
  const columns = useMemo(() => columnsOf(table, run), [table, run]);
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
        label={name}
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
  // Numbers stand on the right of their column: one that grew would lose them at the far edge.
  const last = table.columns.findLastIndex((_, index) => !isNumeric(table, index));
  return table.columns.map((header, index) => {
    const media = table.rows.slice(0, 100).some((row) => isMedium(row[index]));
    const end = isNumeric(table, index);
    return {
      id: String(index),
      header,
      width: media ? MEDIA_WIDTH : columnWidth(table, index),
      grow: index === last,
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
  if (!("files" in shown || "file" in shown)) return <span>{type}</span>;
  const { path } = ("files" in shown ? shown.files[0] : shown.file) ?? { path: null };
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
