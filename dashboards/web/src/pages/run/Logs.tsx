/** What the run printed: in its colours, progress bars folded, searchable, followed to the end. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ConsoleLine, RunDetail } from "../../api/types";
import { AnsiLine } from "../../components/AnsiLine";
import { Button, SearchField, Segments } from "../../components/controls";
import { cx } from "../../components/cx";
import { saveBlob } from "../../components/download";
import { Empty, Failure, Progress } from "../../components/states";
import { stripAnsi } from "../../data/ansi";
import { formatBytes } from "../../data/format";
import { toMatcher } from "../../data/logSearch";
import { useText } from "../../locales/useText";
import { useConsole } from "../../state/console";
import { useKeyboard } from "../../state/keyboard";
import { LOGS, useView } from "../../state/views";
import board from "../board/board.module.css";
import { LogHits } from "./LogHits";
import s from "./run.module.css";

const LINE_HEIGHT = 18;

function hitsOf(lines: readonly ConsoleLine[], find: string): readonly number[] {
  const matches = toMatcher(find);
  if (!matches) return [];
  return lines.flatMap(({ text }, index) => (matches(stripAnsi(text)) ? [index] : []));
}

export function Logs({ run }: { readonly run: RunDetail }) {
  const t = useText();
  const [view, change] = useView(LOGS);
  const log = useConsole(run.run, view.stream, view.rank ?? 0, view.at, run.status === "running");
  const { lines } = log;
  const field = useRef<HTMLInputElement>(null);
  const hits = useMemo(() => hitsOf(lines, view.find), [lines, view.find]);
  const [hit, setHit] = useState(0);
  const place = useMemo(
    () => (view.at === null ? -1 : lines.findLastIndex(({ offset }) => offset <= (view.at ?? 0))),
    [lines, view.at],
  );
  // A place that was opened is looked at until somebody walks on from hit to hit.
  const [walks, setWalks] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place was opened
  useEffect(() => setWalks(false), [view.at, view.stream, view.rank]);
  const step = (by: number): void => {
    if (hits.length > 0) setHit((now) => (now + by + hits.length) % hits.length);
    setWalks(true);
    change({ follow: false });
  };
  useKeyboard({
    "/": () => field.current?.focus(),
    f: () => change({ follow: !view.follow, at: null }),
    n: () => step(1),
    "Shift+n": () => step(-1),
  });
  const save = (): void => {
    const text = lines.map((line) => `${stripAnsi(line.text)}\n`).join("");
    saveBlob(new Blob([text], { type: "text/plain" }), `${run.run_id}.${view.stream}.log`);
  };
  return (
    <div className={cx(s.fill, view.whole && s.split)}>
      <div className={s.toolbar}>
        <Segments
          label={t.logs.label}
          value={view.stream}
          options={[
            ["stdout", "stdout"],
            ["stderr", "stderr"],
          ]}
          onChange={(stream) => change({ stream, at: null })}
        />
        {log.ranks.length > 1 && (
          <label className={board.smooth}>
            {t.logs.rank}
            <select
              className={board.select}
              value={view.rank ?? 0}
              onChange={(event) => change({ rank: Number(event.target.value) || null, at: null })}
            >
              {log.ranks.map((rank) => (
                <option key={rank}>{rank}</option>
              ))}
            </select>
          </label>
        )}
        <SearchField
          className={s.find}
          label={t.logs.find}
          value={view.find}
          clear={t.clear}
          field={field}
          onChange={(find) => change({ find })}
        />
        {view.find !== "" && (
          <>
            <span className={s.muted}>
              {t.logs.hits(Math.min(hit + 1, hits.length), hits.length)}
            </span>
            <Button label={t.logs.previous} icon="left" onClick={() => step(-1)} />
            <Button label={t.logs.next} icon="right" onClick={() => step(1)} />
          </>
        )}
        <Button
          label={`${t.logs.follow} (f)`}
          text={t.logs.follow}
          pressed={view.follow}
          onClick={() => change({ follow: !view.follow, at: null })}
        />
        <Button
          label={t.logs.wholeHint}
          text={t.logs.whole}
          pressed={view.whole}
          onClick={() => change({ whole: !view.whole })}
        />
        {view.at !== null && (
          <Button
            label={t.logs.toEnd}
            text={t.logs.toEnd}
            bordered
            onClick={() => change({ at: null })}
          />
        )}
        {log.earlier && (
          <Button label={t.logs.earlier} text={t.logs.earlier} onClick={log.loadEarlier} />
        )}
        <span className={cx(s.muted, s.push)}>
          {log.state === "ready" && t.logs.size(formatBytes(log.size))}
        </span>
        <Button label={t.logs.save} icon="save" onClick={save} />
      </div>
      {view.whole && <LogHits run={run} view={view} change={change} />}
      {log.state === "loading" && <Progress />}
      {log.state === "error" && <Failure error={log.error} />}
      {log.state === "ready" && lines.length === 0 && (
        <Empty title={t.logs.empty}>{t.logs.emptyHint(view.stream)}</Empty>
      )}
      {lines.length > 0 && (
        <Lines
          lines={lines}
          find={view.find.startsWith("/") ? "" : view.find}
          hits={hits}
          current={place >= 0 && !walks ? place : hits[hit]}
          follow={view.follow && view.at === null}
          onScrollAway={() => change({ follow: false })}
          faint={view.stream === "stderr"}
        />
      )}
    </div>
  );
}

type LinesProps = {
  readonly lines: readonly ConsoleLine[];
  readonly find: string;
  readonly hits: readonly number[];
  readonly current: number | undefined;
  readonly follow: boolean;
  readonly faint: boolean;
  readonly onScrollAway: () => void;
};

function Lines({ lines, find, hits, current, follow, faint, onScrollAway }: LinesProps) {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  const found = useMemo(() => new Set(hits), [hits]);
  useEffect(() => {
    if (follow) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [follow, lines.length, virtual]);
  useEffect(() => {
    if (current !== undefined && !follow) virtual.scrollToIndex(current, { align: "center" });
  }, [current, follow, virtual]);
  return (
    <div
      ref={scroller}
      className={cx(s.console, faint && s.stderr)}
      role="log"
      aria-label={t.logs.label}
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      onWheel={(event) => {
        if (event.deltaY < 0 && follow) onScrollAway();
      }}
    >
      <div className={s.consoleBody} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            <div
              key={line.offset}
              className={s.consoleLine}
              style={{ transform: `translateY(${start}px)` }}
              data-hit={found.has(index)}
              data-current={index === current}
            >
              <AnsiLine text={line.text} mark={find} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
