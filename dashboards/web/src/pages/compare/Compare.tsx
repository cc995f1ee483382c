/** Runs side by side: what was set differently, what came out, and the lines over each other. */

import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import type { Compared, Run } from "../../api/types";
import { useLook } from "../../components/ChartTheme";
import { Button } from "../../components/controls";
import { StatusGlyph } from "../../components/StatusGlyph";
import { Empty, Failure, Progress } from "../../components/states";
import { toNumber } from "../../data/flatten";
import { formatMetric, formatRatio, formatValue } from "../../data/format";
import { LINES, lineStyle } from "../../data/palette";
import { stateOf } from "../../data/state";
import { useText } from "../../locales/useText";
import { useComparison, useRuns } from "../../state/queries";
import { runSlots } from "../../state/runTable";
import { COMPARE, useView } from "../../state/views";
import { Board } from "../board/Board";
import type { DrawnRun } from "../board/ChartCell";
import s from "./compare.module.css";

export function Compare() {
  const t = useText();
  const { project = "" } = useParams({ strict: false });
  const [view, change] = useView(COMPARE);
  const { palette, ground } = useLook();
  const all = useRuns(project);
  // Without a choice the newest few are compared: an empty page helps nobody.
  const ids =
    view.runs.length > 0
      ? view.runs
      : (all.data?.runs ?? []).slice(0, 4).map(({ run_id }) => run_id);
  const comparison = useComparison(ids.map((id) => `${project}/${id}`));
  useEffect(() => {
    document.title = `${t.compare.title} – ${project} – TrackLab`;
  }, [project, t]);
  const runs = comparison.data?.runs;
  const slots = useMemo(
    () => runSlots(all.data?.runs ?? [], LINES[palette].light.length),
    [all.data, palette],
  );
  const drawn = useMemo<readonly DrawnRun[]>(
    () =>
      (runs ?? []).map((run) => ({
        run: run.run,
        name: run.name,
        live: run.status === "running",
        ...lineStyle(slots.get(run.run) ?? 0, palette, ground),
      })),
    [runs, slots, palette, ground],
  );
  if (comparison.error)
    return <Failure error={comparison.error} retry={() => void comparison.refetch()} />;
  if (all.isSuccess && ids.length < 2)
    return <Empty title={t.compare.choose}>{t.compare.chooseHint}</Empty>;
  if (!comparison.data || !runs) return <Progress />;
  const base = Math.max(
    0,
    runs.findIndex(({ run_id }) => run_id === view.base),
  );
  return (
    <div className={s.page}>
      <div className={s.toolbar}>
        {drawn.map((one, index) => (
          <RunName key={one.run} run={runs[index]} colour={one.colour} />
        ))}
        <Button
          label={t.compare.onlyDiffering}
          text={t.compare.onlyDiffering}
          pressed={!view.all}
          onClick={() => change({ all: !view.all })}
        />
      </div>
      <div className={s.split}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling table must be reachable by keyboard */}
        <section className={s.tables} aria-label={t.compare.title} tabIndex={0}>
          <table className={s.table}>
            <thead>
              <tr>
                <th scope="col">{t.compare.key}</th>
                {runs.map(({ run, name }, index) => (
                  <th key={run} scope="col" title={name}>
                    {name}
                    {index === base && ` (${t.compare.base})`}
                  </th>
                ))}
              </tr>
            </thead>
            <Part
              title={t.compare.config}
              rows={comparison.data.config}
              runs={runs}
              all={view.all}
              base={base}
            />
            <Part
              title={t.compare.summary}
              rows={comparison.data.summary}
              runs={runs}
              all={view.all}
              base={base}
              delta
            />
          </table>
        </section>
        <Board runs={drawn} view={view} change={change} />
      </div>
    </div>
  );
}

function RunName({ run, colour }: { readonly run: Run | undefined; readonly colour: string }) {
  if (!run) return null;
  return (
    <span className={s.run}>
      <span className={s.swatch} style={{ background: colour }} />
      <StatusGlyph status={stateOf(run)} />
      <Link
        to="/p/$project/r/$run/$tab"
        params={{ project: run.project, run: run.run_id, tab: "overview" }}
      >
        {run.name}
      </Link>
    </span>
  );
}

type PartProps = {
  readonly title: string;
  readonly rows: readonly Compared[];
  readonly runs: readonly Run[];
  readonly all: boolean;
  readonly base: number;
  readonly delta?: boolean;
};

/** Histograms and the like are compared by eye in the media, not digit by digit. */
const isMedia = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "_type" in value;

function Part({ title, rows, runs, all, base, delta = false }: PartProps) {
  const t = useText();
  const shown = rows.filter(
    ({ key, values, differs }) => !key.startsWith("_") && (all || differs) && !values.some(isMedia),
  );
  return (
    <tbody>
      <tr className={s.part}>
        <th scope="rowgroup" colSpan={runs.length + 1}>
          {title}
          {shown.length === 0 && <small>{t.compare.same}</small>}
        </th>
      </tr>
      {shown.map(({ key, values, differs }) => (
        <tr key={key}>
          <th scope="row" title={key}>
            {key}
          </th>
          {values.map((value, index) => (
            <td
              key={runs[index]?.run ?? index}
              title={formatValue(value)}
              data-differs={
                differs &&
                !delta &&
                index !== base &&
                JSON.stringify(value) !== JSON.stringify(values[base])
              }
            >
              {cell(value, delta)}
              {delta && index !== base && <Delta value={value} base={values[base]} />}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

function cell(value: unknown, measured: boolean): string {
  const number = toNumber(value);
  return measured && number !== undefined ? formatMetric(number) : formatValue(value);
}

function Delta({ value, base }: { readonly value: unknown; readonly base: unknown }) {
  const [now, then] = [toNumber(value), toNumber(base)];
  if (now === undefined || then === undefined || then === 0) return null;
  const change = (now - then) / Math.abs(then);
  if (!Number.isFinite(change) || change === 0) return null;
  return (
    <span
      className={s.delta}
    >{`${change > 0 ? "+" : "\u2212"}${formatRatio(Math.abs(change))}`}</span>
  );
}
