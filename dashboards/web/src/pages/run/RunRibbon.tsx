/** Events of a run as marks over its wall time. */

import { useMemo } from "react";
import type { LlmStats, LogEvent, RunDetail } from "../../api/types";
import { Ribbon, type RibbonMark } from "../../charts/Ribbon";
import { useLook } from "../../components/ChartTheme";
import { cursor } from "../../components/cursor";
import { formatStamp } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { useEvents, useLlmStats } from "../../state/queries";

type MarkTexts = Texts["run"]["marks"];

function toMark(event: LogEvent, first: boolean, t: MarkTexts): RibbonMark | null {
  if (event.timestamp === null) return null;
  const at = Date.parse(event.timestamp) / 1000;
  const step = typeof event.data["step"] === "number" ? ` ${event.data["step"]}` : "";
  switch (event.logger) {
    case "tracklab.lifecycle":
      if (event.message !== "start") return null;
      return { t: at, shape: "start", tone: "ink", text: first ? t.start : t.restart };
    case "tracklab.checkpoint":
      if (!/_(save|load)$/u.test(event.message)) return null;
      if (event.data["success"] === false)
        return { t: at, shape: "cross", tone: "failed", text: `${t.checkpointFailed}${step}` };
      return { t: at, shape: "notch", tone: "ink", text: `${t.checkpoint}${step}` };
    case "tracklab.alert":
      return {
        t: at,
        shape: "triangle",
        tone: event.level === "ERROR" ? "failed" : "stale",
        text: event.message || t.alert,
      };
    case "tracklab.exception":
      return { t: at, shape: "cross", tone: "failed", text: event.message || t.exception };
    case "tracklab.gap":
      return { t: at, shape: "tick", tone: "failed", text: t.gap };
    default:
      return null;
  }
}

function toMarks(events: readonly LogEvent[], t: MarkTexts): readonly RibbonMark[] {
  const ordered = [...events].reverse();
  const start = ordered.findIndex(
    ({ logger, message }) => logger === "tracklab.lifecycle" && message === "start",
  );
  return ordered.flatMap((event, index) => {
    const mark = toMark(event, index === start, t);
    return mark ? [mark] : [];
  });
}

function toBursts(stats: LlmStats | undefined) {
  return (stats?.timeline ?? []).map(({ t0, t1, count, errors }) => ({
    t0,
    t1,
    share: count > 0 ? Math.min(errors / Math.max(count, 3), 1) : 0,
  }));
}

const KINDS = "lifecycle,checkpoint,alert,exception,gap";

export function RunRibbon({ run }: { readonly run: RunDetail }) {
  const t = useText();
  const { chart } = useLook();
  const now = useNow();
  const events = useEvents(run.run, { kind: KINDS });
  const llm = useLlmStats({ run: run.run }, "model", {});
  const live = run.status === "running" || run.status === "stale";
  const from = run.created_at === null ? now : Date.parse(run.created_at) / 1000;
  const end = run.ended_at ?? run.updated_at;
  const to = live || end === null ? now : Date.parse(end) / 1000;
  const marks = useMemo(() => toMarks(events.data?.events ?? [], t.run.marks), [events.data, t]);
  const bursts = useMemo(() => toBursts(llm.data), [llm.data]);
  return (
    <Ribbon
      from={from}
      to={Math.max(to, from + 1)}
      live={run.status === "running"}
      marks={marks}
      bursts={bursts}
      theme={chart}
      bus={cursor}
      axis="time"
      label={t.run.ribbon(marks.length)}
      format={(at) => formatStamp(at * 1000)}
    />
  );
}
