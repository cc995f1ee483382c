/** The columns of the run table: what each cell shows and how. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Run } from "../../api/types";
import { Sparkline } from "../../charts/Sparkline";
import { cx } from "../../components/cx";
import type { Column } from "../../components/Grid";
import { Icon } from "../../components/Icon";
import { StatusGlyph } from "../../components/StatusGlyph";
import { toNumber } from "../../data/flatten";
import { formatDuration, formatMetric, formatRatio, formatValue } from "../../data/format";
import type { LineStyle } from "../../data/palette";
import { stateOf } from "../../data/state";
import type { Texts } from "../../locales/useText";
import { lookupRun } from "../../state/runTable";
import { useSeries } from "../../state/series";
import s from "./runs.module.css";

export type RunCells = {
  readonly t: Texts;
  readonly drawn: ReadonlySet<string>;
  readonly selected: ReadonlySet<string>;
  readonly style: (run: Run) => LineStyle;
  readonly baseline: Run | undefined;
  readonly now: number;
  readonly onDraw: (run: Run) => void;
  readonly onSelect: (run: Run) => void;
};

function LineSign({ style, on }: { readonly style: LineStyle; readonly on: boolean }) {
  const dash = style.dash.length > 0 ? style.dash.map((part) => part / 1.5).join(" ") : undefined;
  return (
    <svg width="16" height="10" viewBox="0 0 16 10" aria-hidden="true">
      <path
        d="M0 5h16"
        stroke={on ? style.colour : "var(--rule-strong)"}
        strokeWidth={on ? 2.5 : 1.5}
        strokeDasharray={dash}
      />
    </svg>
  );
}

export function leadColumns(cells: RunCells): readonly Column<Run>[] {
  const { t } = cells;
  return [
    {
      id: "select",
      header: "",
      title: t.runs.select,
      width: 40,
      cell: (run) => (
        // biome-ignore lint/a11y/useSemanticElements: a native checkbox cannot be drawn this small with a full-size target
        <button
          type="button"
          role="checkbox"
          className={s.checkHit}
          aria-checked={cells.selected.has(run.run)}
          aria-label={`${t.runs.select} ${run.name}`}
          onClick={() => cells.onSelect(run)}
        >
          <span className={s.check}>
            <Icon name="check" size={12} />
          </span>
        </button>
      ),
    },
    {
      id: "name",
      header: t.runs.name,
      width: 192,
      pinned: true,
      sort: "name",
      cell: (run) => {
        const on = cells.drawn.has(run.run);
        return (
          <div className={s.name}>
            <button
              type="button"
              className={s.line}
              aria-pressed={on}
              aria-label={on ? t.runs.hide(run.name) : t.runs.show(run.name)}
              title={on ? t.runs.hide(run.name) : t.runs.show(run.name)}
              onClick={() => cells.onDraw(run)}
            >
              <LineSign style={cells.style(run)} on={on} />
            </button>
            <StatusGlyph status={stateOf(run)} />
            <Link
              to="/p/$project/r/$run/$tab"
              params={{ project: run.project, run: run.run_id, tab: "charts" }}
              title={run.run}
            >
              {run.name}
            </Link>
            {cells.baseline?.run === run.run && <Icon name="pin" size={12} />}
          </div>
        );
      },
    },
  ];
}

const SPARK = { width: 76, height: 22 };

function SparkCell({
  run,
  metric,
  colour,
}: {
  readonly run: string;
  readonly metric: string;
  readonly colour: string;
}) {
  const [loaded] = useSeries([{ run, key: metric }], {
    stream: "history",
    x: "step",
    range: null,
    px: 64,
    smooth: "",
  });
  if (!loaded || loaded.columns.x.length === 0) return null;
  return <Sparkline columns={loaded.columns} colour={colour} {...SPARK} />;
}

export function sparkColumn(cells: RunCells, metric: string): Column<Run> {
  return {
    id: `spark:${metric}`,
    header: cells.t.runs.columnNames.spark,
    title: metric,
    width: SPARK.width + 12,
    cell: (run) => <SparkCell run={run.run} metric={metric} colour={cells.style(run).colour} />,
  };
}

function seconds(text: unknown): number | null {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time / 1000;
}

function Delta({ value, base }: { readonly value: number; readonly base: number | undefined }) {
  if (base === undefined || base === 0 || !Number.isFinite(base) || !Number.isFinite(value))
    return null;
  const change = (value - base) / Math.abs(base);
  if (change === 0) return null;
  return (
    <span className={s.delta}>
      {`${change > 0 ? "+" : ""}${formatRatio(change)}`.replace("-", "\u2212")}
    </span>
  );
}

function numberCell(value: number, base: number | undefined, same: boolean): ReactNode {
  return (
    <span className={cx(!Number.isFinite(value) && s.broken)}>
      {formatMetric(value)}
      {!same && <Delta value={value} base={base} />}
    </span>
  );
}

function Tags({ tags }: { readonly tags: readonly string[] }) {
  return (
    <span className={s.tags}>
      {tags.map((tag) => (
        <span key={tag} className={s.tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}

type FieldName = keyof Texts["runs"]["columnNames"];

const WIDTHS: ReadonlyMap<string, number> = new Map([
  ["status", 84],
  ["created_at", 92],
  ["updated_at", 92],
  ["duration_s", 78],
  ["step", 72],
  ["tags", 170],
  ["notes", 200],
  ["host", 110],
  ["git_commit", 80],
  ["run_id", 92],
  ["exit_code", 56],
]);

type Show = (run: Run, value: unknown, cells: RunCells) => ReactNode;

const ago: Show = (_run, value, { t, now }) => {
  const at = seconds(value);
  return at === null ? "" : t.ago(now - at);
};

/** Facts of a run that are not shown as the plain value. */
const SHOWN: ReadonlyMap<string, Show> = new Map<string, Show>([
  ["status", (run, _value, { t }) => t.states[stateOf(run)]],
  ["tags", (run) => <Tags tags={run.tags} />],
  ["duration_s", (run) => (run.duration_s === null ? "" : formatDuration(run.duration_s))],
  ["step", (run) => (run.step === null ? "" : formatMetric(run.step))],
  ["git_commit", (run) => run.git_commit?.slice(0, 7) ?? ""],
  ["created_at", ago],
  ["updated_at", ago],
]);

/** A measured value, with its distance to the baseline if there is one. */
function summaryCell(run: Run, value: number, field: string, { baseline }: RunCells): ReactNode {
  const base = baseline && toNumber(lookupRun(baseline)(field));
  return numberCell(value, base, baseline?.run === run.run);
}

/** A column by its field: a fact of the run, `config.…` or `summary.…`. */
export function fieldColumn(cells: RunCells, field: string): Column<Run> {
  const { t, baseline } = cells;
  const [, group, name] = /^(config|summary)\.(.*)$/su.exec(field) ?? [];
  const special = SHOWN.get(field);
  const show = (run: Run): ReactNode => {
    const value = lookupRun(run)(field);
    if (special) return special(run, value, cells);
    const number = group === "summary" ? toNumber(value) : undefined;
    if (number !== undefined) return summaryCell(run, number, field, cells);
    return value === undefined || value === null ? "" : formatValue(value);
  };
  return {
    id: field,
    header: name ?? t.runs.columnNames[field as FieldName] ?? field,
    title: group === "summary" && name !== undefined ? t.runs.lastOf(name) : field,
    width: WIDTHS.get(field) ?? (baseline ? 118 : 96),
    end: group !== undefined || ["step", "duration_s", "exit_code"].includes(field),
    mono: group === "config" || field === "run_id" || field === "git_commit",
    sort: field,
    cell: show,
  };
}
