/** All runs of a project: the table folded beside their live charts. The one page. */

import { useNavigate, useParams } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import type { Run } from "../../api/types";
import { useLook } from "../../components/ChartTheme";
import { Button, SearchField, Segments } from "../../components/controls";
import { saveBlob } from "../../components/download";
import { Grid } from "../../components/Grid";
import { Coverage, Empty, Failure, Progress } from "../../components/states";
import { toCsv } from "../../data/csv";
import { parseFilter } from "../../data/filter";
import { formatValue } from "../../data/format";
import { LINES, lineStyle } from "../../data/palette";
import { useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { useHover } from "../../state/hover";
import { useKeyboard } from "../../state/keyboard";
import { useRuns } from "../../state/queries";
import {
  differingConfig,
  drawnRuns,
  fieldNames,
  filterRuns,
  lookupRun,
  runSlots,
  seriesBehind,
  sortRuns,
  tellingMetrics,
} from "../../state/runTable";
import { RUNS, type RunsView, toggled, useView } from "../../state/views";
import { Board } from "../board/Board";
import type { DrawnRun } from "../board/ChartCell";
import { ColumnMenu } from "./ColumnMenu";
import { fieldColumn, leadColumns, type RunCells, sparkColumn } from "./columns";
import s from "./runs.module.css";
import { SelectionBar } from "./SelectionBar";
import { Splitter } from "./Splitter";

const EXAMPLE = `import tracklab

run = tracklab.init(project="my-project")
run.log({"loss": 0.5})`;

const NO_RUNS: readonly Run[] = [];

/** The table's rows in order, with what the whole page needs to know about them. */
function useTable(project: string, view: RunsView) {
  const query = useRuns(project);
  const runs = query.data?.runs ?? NO_RUNS;
  const text = useDeferredValue(view.q);
  const { palette, ground } = useLook();
  const parsed = useMemo(() => parseFilter(text), [text]);
  const rows = useMemo(
    () => sortRuns(filterRuns(runs, parsed.filter), view.sort),
    [runs, parsed, view.sort],
  );
  const slots = useMemo(() => runSlots(runs, LINES[palette].light.length), [runs, palette]);
  const style = useMemo(
    () => (run: Run) => lineStyle(slots.get(run.run) ?? 0, palette, ground),
    [slots, palette, ground],
  );
  const drawn = useMemo(() => drawnRuns(rows, view.show, view.hide), [rows, view.show, view.hide]);
  return { query, runs, rows, parsed, style, drawn };
}

/** Runs as the board draws them; equal content keeps its identity, so that charts stay still. */
function useDrawn(
  drawn: readonly Run[],
  style: (run: Run) => { colour: string; dash: readonly number[] },
): readonly DrawnRun[] {
  const made = drawn.map((run) => ({
    run: run.run,
    name: run.name,
    live: run.status === "running",
    ...style(run),
  }));
  const id = JSON.stringify(made);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `id` is all of `made`
  return useMemo(() => made, [id]);
}

export function Runs() {
  const { project = "" } = useParams({ strict: false });
  const t = useText();
  const [view, change] = useView(RUNS);
  const table = useTable(project, view);
  const drawn = useDrawn(table.drawn, table.style);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${project} – TrackLab`;
  }, [project]);
  const { query, runs } = table;
  if (query.error && runs.length === 0)
    return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (query.isSuccess && runs.length === 0)
    return <Empty title={t.dashboard.emptyTitle} code={EXAMPLE} />;
  return (
    <div className={s.page}>
      <div>
        <Bar view={view} change={change} table={table} />
        {query.isLoading && <Progress />}
        <Coverage ratio={query.data?.coverage ?? 1} />
      </div>
      <div ref={frame} className={s.split} data-fold={view.fold}>
        {view.fold !== "charts" && (
          <RunTable project={project} view={view} change={change} table={table} />
        )}
        {view.fold === "both" && <Splitter frame={frame} />}
        {view.fold !== "table" && <Board runs={drawn} view={view} change={change} />}
      </div>
    </div>
  );
}

type Part = {
  readonly view: RunsView;
  readonly change: (patch: Partial<RunsView>, mode?: "push" | "replace") => void;
  readonly table: ReturnType<typeof useTable>;
};

function automaticColumns(rows: readonly Run[]): readonly string[] {
  return [
    ...tellingMetrics(rows, 3).map((name) => `summary.${name}`),
    ...differingConfig(rows, 2).map((name) => `config.${name}`),
    "step",
    "duration_s",
    "created_at",
    "tags",
  ];
}

function useColumns(view: RunsView, runs: readonly Run[]): readonly string[] {
  // Columns that choose themselves stay put while the numbers in them move.
  const names = useMemo(() => JSON.stringify(automaticColumns(runs)), [runs]);
  return useMemo(
    () => (view.cols.length > 0 ? view.cols : (JSON.parse(names) as string[])),
    [view.cols, names],
  );
}

function Bar({ view, change, table }: Part) {
  const t = useText();
  const field = useRef<HTMLInputElement>(null);
  const { rows, runs, parsed, query } = table;
  const columns = useColumns(view, runs);
  const names = useMemo(() => fieldNames(runs), [runs]);
  useKeyboard({ "/": () => field.current?.focus() });
  const csv = (): void => {
    const fields = ["run", "name", "status", ...columns];
    const cells = (run: Run): string[] => fields.map((name) => formatCell(lookupRun(run)(name)));
    saveBlob(new Blob([toCsv([fields, ...rows.map(cells)])], { type: "text/csv" }), "runs.csv");
  };
  return (
    <div className={s.bar}>
      <SearchField
        className={s.filter}
        label={t.runs.filter}
        value={view.q}
        clear={t.clear}
        mono
        bad={parsed.error !== null}
        describedBy="filter-problem"
        field={field}
        onChange={(q) => change({ q })}
      />
      <span id="filter-problem" className={s.problem} role="status">
        {parsed.error && t.runs.at(parsed.error.at + 1, t.runs.filterErrors[parsed.error.problem])}
      </span>
      <span className={s.count}>{query.isSuccess && t.runs.shown(rows.length, runs.length)}</span>
      <ColumnMenu
        names={names}
        columns={columns}
        automatic={view.cols.length === 0}
        onChange={(cols) => change({ cols }, "push")}
      />
      <Button label={t.runs.csv} icon="save" onClick={csv} />
      <Segments
        label={t.runs.fold}
        value={view.fold}
        options={[
          ["table", t.runs.table],
          ["both", t.runs.both],
          ["charts", t.runs.charts],
        ]}
        onChange={(fold) => change({ fold }, "push")}
      />
    </div>
  );
}

function formatCell(value: unknown): string {
  return value === undefined || value === null
    ? ""
    : Array.isArray(value)
      ? value.join(" ")
      : formatValue(value).replace("\u2212", "-");
}

function RunTable({ project, view, change, table }: Part & { readonly project: string }) {
  const t = useText();
  const now = useNow();
  const navigate = useNavigate();
  const hovered = useHover((state) => state.run);
  const setHovered = useHover((state) => state.set);
  const { rows, runs, style, drawn } = table;
  const [active, setActive] = useState(-1);
  const selected = useMemo(
    () => new Set(view.sel.map((id) => `${project}/${id}`)),
    [view.sel, project],
  );
  const shown = useMemo(() => new Set(drawn.map(({ run }) => run)), [drawn]);
  const names = useColumns(view, runs);
  const spark = useMemo(() => tellingMetrics(runs, 1).map(seriesBehind)[0], [runs]);
  const baseline = runs.find(({ run_id }) => run_id === view.base);
  const draw = (run: Run): void => {
    const on = shown.has(run.run);
    const without = (list: readonly string[]): readonly string[] =>
      list.filter((id) => id !== run.run_id);
    change(
      on
        ? { hide: [...without(view.hide), run.run_id], show: without(view.show) }
        : { show: [...without(view.show), run.run_id], hide: without(view.hide) },
    );
  };
  const select = (run: Run): void => change({ sel: toggled(view.sel, run.run_id) });
  const open = (run: Run): void =>
    void navigate({
      to: "/p/$project/r/$run/$tab",
      params: { project: run.project, run: run.run_id, tab: "charts" },
    });
  // Cells call what is newest without being made anew: a hover must not redraw every row.
  const actions = useRef({ draw, select });
  actions.current = { draw, select };
  const columns = useMemo(() => {
    const cells: RunCells = {
      t,
      drawn: shown,
      selected,
      style,
      baseline,
      now,
      onDraw: (run) => actions.current.draw(run),
      onSelect: (run) => actions.current.select(run),
    };
    const trend = spark === undefined ? [] : [sparkColumn(cells, spark)];
    const fields = names.map((field, index) => ({
      ...fieldColumn(cells, field),
      // The last column takes the room that is left, so that the numbers stay near the names.
      grow: index === names.length - 1,
    }));
    return [...leadColumns(cells), ...trend, ...fields];
  }, [t, shown, selected, style, baseline, now, spark, names]);

  // The baseline stands first, whatever the order; the keys go by what is seen.
  const ordered = baseline ? [baseline, ...rows.filter(({ run }) => run !== baseline.run)] : rows;
  const current = ordered[active];
  const step = (by: number): void =>
    setActive(Math.min(Math.max(active + by, 0), ordered.length - 1));
  useKeyboard({
    j: () => step(1),
    k: () => step(-1),
    Enter: () => current && open(current),
    x: () => current && select(current),
    "Shift+x": () => selectRange(ordered, view, active, change),
    " ": () => current && draw(current),
    p: () => current && change({ base: view.base === current.run_id ? "" : current.run_id }),
    Escape: () => change({ sel: [] }),
  });
  return (
    <div className={s.left} data-selecting={selected.size > 0}>
      <div className={s.gridPlace}>
        <Grid
          label={t.runs.label}
          columns={columns}
          rows={ordered}
          rowId={({ run }) => run}
          sort={view.sort}
          onSort={(sort) => change({ sort }, "push")}
          selected={selected}
          hovered={hovered}
          onHover={setHovered}
          active={active}
          onActive={setActive}
        />
      </div>
      {rows.length === 0 && runs.length > 0 && (
        <div className={s.nothing}>
          <Empty title={t.runs.noneMatch} />
        </div>
      )}
      {selected.size > 0 && (
        <SelectionBar
          project={project}
          runs={runs}
          selected={selected}
          onClear={() => change({ sel: [] })}
        />
      )}
    </div>
  );
}

/** From the last selected row to the active one. */
function selectRange(
  rows: readonly Run[],
  view: RunsView,
  active: number,
  change: Part["change"],
): void {
  const last = rows.findIndex(({ run_id }) => run_id === view.sel.at(-1));
  const [from, upTo] =
    last < 0 ? [active, active] : [Math.min(last, active), Math.max(last, active)];
  const ids = rows.slice(from, upTo + 1).map(({ run_id }) => run_id);
  change({ sel: [...new Set([...view.sel, ...ids])] });
}
