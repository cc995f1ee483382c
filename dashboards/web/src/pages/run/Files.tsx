/** Everything this run left on disk, as it lies there; every file can be fetched. */

import { useMemo } from "react";
import type { FileEntry, RunDetail } from "../../api/types";
import { SearchField } from "../../components/controls";
import { type Column, Grid } from "../../components/Grid";
import { Empty, Failure, Progress } from "../../components/states";
import { formatBytes } from "../../data/format";
import { searchKeys } from "../../data/sections";
import { formatStamp } from "../../data/time";
import { useText } from "../../locales/useText";
import { fileUrl, useFiles } from "../../state/queries";
import { FILES, useView } from "../../state/views";
import s from "./run.module.css";

const ORDERS: Record<string, (a: FileEntry, b: FileEntry) => number> = {
  path: (a, b) => a.path.localeCompare(b.path),
  size: (a, b) => a.size - b.size,
  modified: (a, b) => a.modified - b.modified,
};

function ordered(files: readonly FileEntry[], sort: string): readonly FileEntry[] {
  const down = sort.startsWith("-");
  const order = ORDERS[down ? sort.slice(1) : sort] ?? ORDERS["path"];
  return order ? [...files].sort((a, b) => (down ? order(b, a) : order(a, b))) : files;
}

export function Files({ run }: { readonly run: RunDetail }) {
  const t = useText();
  const [view, change] = useView(FILES);
  const query = useFiles(run.run);
  const files = query.data?.files;
  const rows = useMemo(() => {
    const names = new Set(
      searchKeys(
        (files ?? []).map(({ path }) => path),
        view.find,
      ),
    );
    return ordered(
      (files ?? []).filter(({ path }) => names.has(path)),
      view.sort,
    );
  }, [files, view.find, view.sort]);
  const columns: readonly Column<FileEntry>[] = [
    {
      id: "path",
      header: t.files.path,
      width: 360,
      sort: "path",
      mono: true,
      cell: ({ path }) => (
        <span>
          <a
            href={fileUrl(run.run, path)}
            download={path.slice(path.lastIndexOf("/") + 1)}
            title={t.files.download(path)}
          >
            {path}
          </a>
        </span>
      ),
    },
    {
      id: "size",
      header: t.files.size,
      width: 92,
      end: true,
      sort: "size",
      cell: ({ size }) => formatBytes(size),
    },
    {
      id: "modified",
      header: t.files.modified,
      width: 170,
      grow: true,
      sort: "modified",
      roomy: true,
      cell: ({ modified }) => formatStamp(modified * 1000),
    },
  ];
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  return (
    <div className={s.fill}>
      <div className={s.toolbar}>
        <SearchField
          className={s.find}
          label={t.files.find}
          value={view.find}
          clear={t.clear}
          onChange={(find) => change({ find })}
        />
        {files && <span className={s.muted}>{t.files.count(rows.length, formatBytes(bytes))}</span>}
        {query.data?.truncated && <span className={s.muted}>{t.files.truncated}</span>}
      </div>
      {query.isLoading && <Progress />}
      {query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && rows.length === 0 && <Empty title={t.files.empty} />}
      {rows.length > 0 && (
        <Grid
          label={t.files.label}
          columns={columns}
          rows={rows}
          rowId={({ path }) => path}
          sort={view.sort}
          onSort={(sort) => change({ sort })}
        />
      )}
    </div>
  );
}
