/** What was set, what came out, and where it ran. */

import { useMemo, useState } from "react";
import type { RunDetail } from "../../api/types";
import { SearchField } from "../../components/controls";
import { KeyValues } from "../../components/KeyValues";
import { flatten, toNumber } from "../../data/flatten";
import { formatBytes, formatDuration, formatMetric, formatValue } from "../../data/format";
import { stateOf } from "../../data/state";
import { formatStamp } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useEditRun } from "../../state/queries";
import { OVERVIEW, useView } from "../../state/views";
import s from "./run.module.css";
import { Surroundings } from "./Surroundings";

type Props = { readonly run: RunDetail };

const holds = (text: string, find: string): boolean =>
  text.toLowerCase().includes(find.toLowerCase());

export function Overview({ run }: Props) {
  const t = useText();
  const [view, change] = useView(OVERVIEW);
  const config = useMemo(
    () => [...flatten(run.config)].map(([key, value]) => [key, formatValue(value)] as const),
    [run.config],
  );
  const summary = useMemo(() => summaryEntries(run), [run]);
  const find = ([key, value]: readonly [string, string]): boolean =>
    holds(key, view.find) || holds(value, view.find);
  return (
    <>
      <div className={s.toolbar}>
        <SearchField
          className={s.find}
          label={t.overview.find}
          value={view.find}
          clear={t.clear}
          onChange={(text) => change({ find: text })}
        />
      </div>
      <div className={s.sheet}>
        <section className={s.column} aria-label={t.overview.config}>
          <h2>
            {t.overview.config} <small>{config.length || ""}</small>
          </h2>
          {config.length === 0 && <p>{t.overview.noConfig}</p>}
          <KeyValues entries={config.filter(find)} />
        </section>
        <section className={s.column} aria-label={t.overview.summary}>
          <h2>
            {t.overview.summary} <small>{summary.length || ""}</small>
          </h2>
          {summary.length === 0 && <p>{t.overview.noSummary}</p>}
          <KeyValues entries={summary.filter(find)} end />
        </section>
        <section className={s.column} aria-label={t.overview.environment}>
          <Notes run={run} />
          <h2 className={s.spaced}>{t.overview.environment}</h2>
          <KeyValues entries={environment(run, t)} />
          <Surroundings run={run} find={view.find} />
          <h2 className={s.spaced}>{t.overview.streams}</h2>
          <KeyValues entries={streams(run, t)} />
        </section>
      </div>
    </>
  );
}

function summaryEntries(run: RunDetail): readonly (readonly [string, string])[] {
  const flat = flatten(run.summary);
  const media = [...flat.keys()]
    .filter((key) => key.endsWith("._type"))
    .map((key) => key.slice(0, -"_type".length));
  return [...flat]
    .filter(([key]) => !key.startsWith("_") && !media.some((prefix) => key.startsWith(prefix)))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, value]) => {
      const number = toNumber(value);
      const text = number === undefined ? formatValue(value) : formatMetric(number);
      return [key, text.length > 200 ? `${text.slice(0, 200)}…` : text] as const;
    });
}

function environment(run: RunDetail, t: Texts): readonly (readonly [string, string])[] {
  const facts = t.overview.facts;
  const extra = (run.metadata["environment"] ?? {}) as Record<string, unknown>;
  const memory = toNumber(extra["memory_gb"]);
  const argv = run.metadata["argv"];
  const all: readonly (readonly [string, unknown])[] = [
    [facts.run_id, run.run_id],
    [facts.status, t.states[stateOf(run)]],
    [facts.created_at, formatStamp(run.created_at)],
    [facts.ended_at, formatStamp(run.ended_at)],
    [facts.duration_s, run.duration_s === null ? null : formatDuration(run.duration_s)],
    [facts.exit_code, run.exit_code],
    [facts.host, run.host],
    [facts.pid, run.pid],
    [facts.program, run.program],
    [facts.argv, Array.isArray(argv) ? argv.join(" ") : null],
    [facts.git_commit, run.git_commit],
    [facts.python_version, run.python_version],
    [facts.platform, extra["platform"]],
    [facts.cpu_count, extra["cpu_count"]],
    [facts.memory_gb, memory === undefined ? null : `${Number(memory.toPrecision(3))} GB`],
    [facts.tracklab_version, run.metadata["tracklab_version"]],
    [facts.group, run.group],
    [facts.job_type, run.job_type],
    [facts.writers, run.writers > 1 ? run.writers : null],
  ];
  return all
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([key, value]) => [key, formatValue(value)] as const);
}

function streams(run: RunDetail, t: Texts): readonly (readonly [string, string])[] {
  return Object.entries(run.streams).map(
    ([name, { lines, bytes, segments }]) =>
      [name, t.overview.lines(lines, formatBytes(bytes), segments)] as const,
  );
}

function Notes({ run }: Props) {
  const t = useText();
  const edit = useEditRun(run.run);
  const [draft, setDraft] = useState(run.notes ?? "");
  return (
    <>
      <h2>{t.run.notes}</h2>
      <textarea
        className={s.notes}
        value={draft}
        placeholder={t.run.notesHint}
        aria-label={t.run.notes}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => {
          if (draft !== (run.notes ?? "")) edit.mutate({ notes: draft });
        }}
      />
    </>
  );
}
