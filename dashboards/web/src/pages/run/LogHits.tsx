/** What a search of the whole run has found so far, how far it came, and what stands around a hit. */

import { useCallback, useMemo, useState } from "react";
import type { FoundLine, RunDetail } from "../../api/types";
import { AnsiLine } from "../../components/AnsiLine";
import { Button, Segments } from "../../components/controls";
import { type Column, Grid } from "../../components/Grid";
import { Drawer } from "../../components/Overlay";
import { Empty, Failure, Progress } from "../../components/states";
import { formatRatio } from "../../data/format";
import { formatMoment } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useLogSearch } from "../../state/logSearch";
import type { Change, LogsView } from "../../state/views";
import board from "../board/board.module.css";
import s from "./run.module.css";

type Props = {
  readonly run: RunDetail;
  readonly view: LogsView;
  readonly change: Change<LogsView>;
};

const lineId = ({ stream, writer, rank, offset }: FoundLine): string =>
  `${stream}\n${writer ?? ""}\n${rank ?? ""}\n${offset}`;
const isConsole = ({ stream }: FoundLine): boolean => stream === "stdout" || stream === "stderr";

/** The stream, and the rank that printed it, if it is not the first. */
const whereOf = ({ stream, rank }: FoundLine): string => (rank ? `${stream} ${rank}` : stream);

function columnsOf(t: Texts, mark: string): readonly Column<FoundLine>[] {
  return [
    { id: "stream", header: t.logs.stream, width: 84, cell: whereOf },
    {
      id: "time",
      header: t.events.time,
      width: 164,
      mono: true,
      roomy: true,
      cell: ({ timestamp }) => (timestamp === null ? "" : formatMoment(timestamp, true)),
    },
    {
      id: "level",
      header: t.events.level,
      width: 84,
      roomy: true,
      cell: ({ level }) => (
        <span className={s.level} data-level={level}>
          {level ?? ""}
        </span>
      ),
    },
    {
      id: "text",
      header: t.logs.line,
      width: 220,
      grow: true,
      mono: true,
      cell: ({ text }) => (
        <span>
          <AnsiLine text={text} mark={mark} />
        </span>
      ),
    },
  ];
}

export function LogHits({ run, view, change }: Props) {
  const t = useText();
  const found = useLogSearch(run.run, view, view.find !== "");
  const [around, setAround] = useState<FoundLine | null>(null);
  const mark = view.find.startsWith("/") ? "" : view.find;
  const columns = useMemo(() => columnsOf(t, mark), [t, mark]);
  const open = (line: FoundLine): void => {
    if (line.stream === "stdout" || line.stream === "stderr")
      change(
        { stream: line.stream, rank: line.rank || null, at: line.offset, follow: false },
        "push",
      );
    else setAround(line);
  };
  const close = useCallback(() => setAround(null), []);
  const withLevel = view.kind !== "stdout" && view.kind !== "stderr";
  return (
    <section className={s.hits} aria-label={t.logs.whole}>
      <div className={s.hitTools}>
        <Segments
          label={t.logs.stream}
          value={view.kind}
          options={[
            ["all", t.events.all],
            ["stdout", "stdout"],
            ["stderr", "stderr"],
            ["app", t.logs.app],
            ["alerts", t.logs.alerts],
            ["events", t.logs.events],
          ]}
          onChange={(kind) => change({ kind })}
        />
        {withLevel && (
          <label className={board.smooth}>
            {t.events.level}
            <select
              className={board.select}
              value={view.level}
              onChange={(event) => change({ level: event.target.value as LogsView["level"] })}
            >
              <option value="DEBUG">{t.events.all}</option>
              <option value="INFO">info</option>
              <option value="WARNING">warning</option>
              <option value="ERROR">error</option>
            </select>
          </label>
        )}
        {view.find !== "" && !found.error && (
          <span className={s.muted} role="status">
            {t.logs.found(found.lines.length, formatRatio(found.coverage), found.searching)}
          </span>
        )}
        {found.paused && (
          <Button label={t.logs.goOn} text={t.logs.goOn} bordered onClick={found.goOn} />
        )}
      </div>
      {found.searching && view.find !== "" && <Progress />}
      {view.find === "" && <p className={s.hint}>{t.logs.wholeHint}</p>}
      {found.error !== null && <Failure error={found.error} />}
      {view.find !== "" && !found.searching && !found.error && found.lines.length === 0 && (
        <Empty title={t.logs.hits(0, 0)} />
      )}
      {found.lines.length > 0 && (
        <Grid
          label={t.logs.whole}
          columns={columns}
          rows={found.lines}
          rowId={lineId}
          onOpen={open}
          dim={(line) => isConsole(line) && view.at === line.offset && view.stream !== line.stream}
        />
      )}
      {around && <Around run={run} line={around} onClose={close} />}
    </section>
  );
}

/** Seconds before and after an event that are shown with it. */
const AROUND_S = 60;

type AroundProps = {
  readonly run: RunDetail;
  readonly line: FoundLine;
  readonly onClose: () => void;
};

/** What else was said about that time. */
function Around({ run, line, onClose }: AroundProps) {
  const t = useText();
  const at = line.timestamp === null ? 0 : Date.parse(line.timestamp) / 1000;
  const found = useLogSearch(
    run.run,
    { find: "", kind: "app,alerts,events", level: "DEBUG", x0: at - AROUND_S, x1: at + AROUND_S },
    true,
  );
  const lines = found.lines.toSorted((a, b) =>
    (a.timestamp ?? "").localeCompare(b.timestamp ?? ""),
  );
  return (
    <Drawer title={t.logs.around} onClose={onClose}>
      {found.searching && <Progress />}
      {found.error !== null && <Failure error={found.error} />}
      <ol className={s.around}>
        {lines.map((one) => (
          <li key={lineId(one)} aria-current={lineId(one) === lineId(line) ? "true" : undefined}>
            <small>
              {one.timestamp !== null && formatMoment(one.timestamp, true)} {one.level} {one.logger}
            </small>
            <code>{one.text}</code>
          </li>
        ))}
      </ol>
    </Drawer>
  );
}
