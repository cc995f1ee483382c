/** Everything that happened, as it was recorded. */

import { useState } from "react";
import type { LogEvent, RunDetail } from "../../api/types";
import { SearchField, Segments } from "../../components/controls";
import { type Column, Grid } from "../../components/Grid";
import { KeyValues } from "../../components/KeyValues";
import { Drawer } from "../../components/Overlay";
import { Empty, Failure, Progress } from "../../components/states";
import { formatMoment, formatStamp } from "../../data/time";
import { useText } from "../../locales/useText";
import { useEvents } from "../../state/queries";
import { EVENTS, useView } from "../../state/views";
import board from "../board/board.module.css";
import s from "./run.module.css";

const KINDS = [
  "lifecycle",
  "config",
  "summary",
  "checkpoint",
  "alert",
  "exception",
  "gap",
  "metric",
  "artifact",
  "log",
] as const;

const shortLogger = (logger: string): string => logger.replace(/^tracklab\./u, "");

export function Events({ run }: { readonly run: RunDetail }) {
  const t = useText();
  const [view, change] = useView(EVENTS);
  const [open, setOpen] = useState<LogEvent | null>(null);
  const events = useEvents(run.run, {
    ...(view.kind === "" ? {} : { kind: view.kind }),
    ...(view.level === "DEBUG" ? {} : { level: view.level }),
    ...(view.find === "" ? {} : { search: view.find }),
  });
  const columns: readonly Column<LogEvent>[] = [
    {
      id: "time",
      header: t.events.time,
      width: 164,
      mono: true,
      cell: ({ timestamp }) => formatMoment(timestamp, true),
    },
    {
      id: "level",
      header: t.events.level,
      width: 84,
      cell: ({ level }) => (
        <span className={s.level} data-level={level}>
          {level}
        </span>
      ),
    },
    {
      id: "logger",
      header: t.events.logger,
      width: 120,
      cell: ({ logger }) => shortLogger(logger),
    },
    { id: "message", header: t.events.message, width: 220, cell: ({ message }) => message },
    {
      id: "data",
      header: t.events.data,
      width: 240,
      grow: true,
      mono: true,
      cell: ({ data }) => JSON.stringify(data),
    },
  ];
  const rows = events.data?.events ?? [];
  return (
    <div className={s.fill}>
      <div className={s.toolbar}>
        <SearchField
          className={s.find}
          label={t.events.find}
          value={view.find}
          clear={t.clear}
          onChange={(find) => change({ find })}
        />
        <label className={board.smooth}>
          {t.events.kind}
          <select
            className={board.select}
            value={view.kind}
            onChange={(event) => change({ kind: event.target.value })}
          >
            <option value="">{t.events.all}</option>
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {kind === "log" ? t.events.own : kind}
              </option>
            ))}
          </select>
        </label>
        <Segments
          label={t.events.level}
          value={view.level}
          options={[
            ["DEBUG", t.events.all],
            ["INFO", "info"],
            ["WARNING", "warning"],
            ["ERROR", "error"],
          ]}
          onChange={(level) => change({ level })}
        />
        <span className={s.muted}>{events.data && t.events.count(events.data.total)}</span>
        {events.data && events.data.bad_lines > 0 && (
          <span className={s.warn}>{t.run.badLines(events.data.bad_lines)}</span>
        )}
      </div>
      {events.isLoading && <Progress />}
      {events.error && <Failure error={events.error} retry={() => void events.refetch()} />}
      {events.isSuccess && rows.length === 0 && <Empty title={t.events.empty} />}
      {rows.length > 0 && (
        <Grid
          label={t.events.label}
          columns={columns}
          rows={rows}
          rowId={(event) => `${event.writer ?? ""}:${event.seq}:${event.timestamp}`}
          onOpen={setOpen}
        />
      )}
      {open && <EventDrawer event={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

function EventDrawer({
  event,
  onClose,
}: {
  readonly event: LogEvent;
  readonly onClose: () => void;
}) {
  const t = useText();
  const { data, timestamp, level, logger, writer, seq } = event;
  return (
    <Drawer title={event.message || shortLogger(logger)} onClose={onClose}>
      <KeyValues
        entries={[
          [t.events.time, formatStamp(timestamp)],
          [t.events.level, level],
          [t.events.logger, logger],
          ["writer", writer ?? "–"],
          ["seq", String(seq ?? "–")],
        ]}
      />
      <pre className={s.raw}>{JSON.stringify(data, null, 2)}</pre>
    </Drawer>
  );
}
