/** One chart with its name, its number under the cursor, and its tools. */

import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import type { Line } from "../charts/drawLines";
import type { ChartHandle } from "../charts/LineChart";
import type { PlotModel } from "../charts/model";
import { DIRECT_LABELS } from "../charts/ranges";
import type { ChartTheme } from "../charts/theme";
import { digest, nearest, type Range, undrawn } from "../data/columns";
import { toCsv } from "../data/csv";
import { formatMetric, formatRatio } from "../data/format";
import { useText } from "../locales/useText";
import { Button } from "./controls";
import { cursor } from "./cursor";
import { saveBlob } from "./download";
import s from "./Panel.module.css";

// uPlot comes with the first chart, not with the shell.
const LineChart = lazy(() =>
  import("../charts/LineChart").then((module) => ({ default: module.LineChart })),
);

export type PanelProps = {
  readonly name: string;
  readonly title: string;
  readonly unit?: string | undefined;
  readonly model: PlotModel;
  readonly theme: ChartTheme;
  readonly axis: string;
  readonly xName: string;
  readonly loading: boolean;
  readonly error: string | null;
  /** The share of the lines that the picture rests on, 0 to 1. */
  readonly coverage?: number;
  readonly legend?: boolean;
  readonly expanded?: boolean;
  readonly onZoom: (range: Range | null) => void;
  readonly onFocus: (id: string | null) => void;
  readonly onPick?: ((x: number) => void) | undefined;
  readonly onLog: () => void;
  readonly onExpand: () => void;
};

export function Panel(props: PanelProps) {
  const { name, title, unit, model, theme, axis, xName, loading, error, onZoom, onFocus, onPick } =
    props;
  const t = useText();
  const [table, setTable] = useState(false);
  const handle = useRef<ChartHandle>(null);
  const drawn = model.lines.filter(({ columns }) => columns.x.length > 0);
  const summary = useMemo(
    () => summarise(name, model.lines, t.chart),
    [name, model.lines, t.chart],
  );

  return (
    <figure className={s.panel} aria-label={summary}>
      <figcaption className={s.head}>
        <span className={s.title} title={name}>
          {title}
          {unit && <small>{unit}</small>}
        </span>
        <Undrawable model={model} />
        <Partial ratio={props.coverage ?? 1} />
        <Readout model={model} axis={axis} />
        <Tools {...props} table={table} onTable={() => setTable(!table)} handle={handle} />
      </figcaption>
      <div className={s.body}>
        {error !== null && <Note>{t.chart.failed(error)}</Note>}
        {error === null && drawn.length === 0 && <Note>{loading ? t.loading : t.chart.empty}</Note>}
        {drawn.length > 0 && table && <DigestTable lines={model.lines} />}
        {drawn.length > 0 && !table && (
          <Suspense fallback={null}>
            <LineChart
              model={model}
              theme={theme}
              bus={cursor}
              axis={axis}
              xName={xName}
              more={t.chart.more}
              onZoom={onZoom}
              onFocus={onFocus}
              handle={handle}
              {...(onPick ? { onPick } : {})}
            />
          </Suspense>
        )}
      </div>
      {props.legend && model.lines.length > DIRECT_LABELS && <Legend lines={model.lines} />}
    </figure>
  );
}

function Note({ children }: { readonly children: ReactNode }) {
  return <div className={s.note}>{children}</div>;
}

/** What the picture leaves out is said beside its name. */
function Undrawable({ model }: { readonly model: PlotModel }) {
  const { lines, xRange, logY } = model;
  const counts = useMemo(
    () =>
      undrawn(
        lines.map(({ columns, raw }) => raw ?? columns),
        xRange,
        logY,
      ),
    [lines, xRange, logY],
  );
  return counts.map(({ name, count }) => (
    <span key={name} className={s.undrawn}>
      {count} {name}
    </span>
  ));
}

/** A picture of part of the lines says so until the rest has been read. */
function Partial({ ratio }: { readonly ratio: number }) {
  const t = useText();
  if (ratio >= 1) return null;
  return (
    <span className={s.partial} role="status" title={t.coverage(formatRatio(ratio))}>
      {t.chart.read(formatRatio(ratio))}
    </span>
  );
}

type ChartTexts = ReturnType<typeof useText>["chart"];

function summarise(name: string, lines: readonly Line[], t: ChartTexts): string {
  const [first] = lines;
  const facts = first && digest(first.columns);
  if (!facts) return t.summaryEmpty(name);
  const said = t.summary(
    name,
    lines.length,
    first.label,
    formatMetric(facts.last),
    formatMetric(facts.min),
    formatMetric(facts.max),
    t.trends[facts.trend],
  );
  return said;
}

type ToolsProps = PanelProps & {
  readonly table: boolean;
  readonly onTable: () => void;
  readonly handle: React.RefObject<ChartHandle | null>;
};

function Tools({ name, model, expanded, table, onTable, onLog, onExpand, handle }: ToolsProps) {
  const t = useText().chart;
  const picture = (): void => {
    handle.current
      ?.picture(name)
      ?.toBlob((blob) => blob && saveBlob(blob, `${name.replaceAll("/", "_")}.png`));
  };
  const csv = (): void => {
    saveBlob(
      new Blob([toCsv(csvRows(name, model.lines))], { type: "text/csv" }),
      `${name.replaceAll("/", "_")}.csv`,
    );
  };
  return (
    <div className={s.tools}>
      <Button label={t.logScale} icon="log" pressed={model.logY} onClick={onLog} />
      <Button label={t.table} icon="table" pressed={table} onClick={onTable} />
      <Button label={t.png} icon="image" disabled={table} onClick={picture} />
      <Button label={t.csv} icon="save" onClick={csv} />
      <Button
        label={expanded ? t.shrink : t.expand}
        icon={expanded ? "close" : "expand"}
        onClick={onExpand}
      />
    </div>
  );
}

/** The drawn query, point for point; the header names which number of a bucket each column is. */
function csvRows(name: string, lines: readonly Line[]): (string | number | null)[][] {
  const rows: (string | number | null)[][] = [["run", "key", "x", "last", "min", "max"]];
  for (const { label, columns } of lines) {
    columns.x.forEach((x, index) => {
      const at = (column: Float64Array): number | null => {
        const value = column[index] ?? Number.NaN;
        return Number.isNaN(value) ? null : value;
      };
      rows.push([label, name, x, at(columns.last), at(columns.lo), at(columns.hi)]);
    });
  }
  return rows;
}

/** The last value, or the one under the cursor; written past React, sixty times a second. */
function Readout({ model, axis }: { readonly model: PlotModel; readonly axis: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const [line] = model.lines;
  const single = model.lines.length === 1 ? line : undefined;
  useEffect(() => {
    const show = (): void => {
      if (!place.current) return;
      const at = cursor.current;
      const { x, last } = single?.columns ?? { x: new Float64Array(0), last: new Float64Array(0) };
      const index = at?.axis === axis ? nearest(x, at.x) : lastFinite(last);
      const value = last[index];
      place.current.textContent = value === undefined ? "" : (model.formatY ?? formatMetric)(value);
    };
    show();
    return cursor.listen(show);
  }, [single, axis, model.formatY]);
  return <span ref={place} className={s.readout} />;
}

function lastFinite(values: Float64Array): number {
  for (let index = values.length - 1; index >= 0; index -= 1) {
    if (Number.isFinite(values[index])) return index;
  }
  return -1;
}

/** The same query as numbers, for those who do not see lines. */
function DigestTable({ lines }: { readonly lines: readonly Line[] }) {
  const t = useText().chart;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling table must be reachable by keyboard
    <div className={s.table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.run}</th>
            <th scope="col">{t.last}</th>
            <th scope="col">{t.min}</th>
            <th scope="col">{t.max}</th>
            <th scope="col">{t.points}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ id, label, columns }) => {
            const facts = digest(columns);
            const show = (value: number | undefined): string =>
              value === undefined ? "–" : formatMetric(value);
            return (
              <tr key={id}>
                <td>{label}</td>
                <td>{show(facts?.last)}</td>
                <td>{show(facts?.min)}</td>
                <td>{show(facts?.max)}</td>
                <td>{columns.x.length}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

export function Legend({
  lines,
}: {
  readonly lines: readonly Pick<Line, "id" | "label" | "colour">[];
}) {
  return (
    <ul className={s.legend}>
      {lines.map(({ id, label, colour }) => (
        <li key={id}>
          <span className={s.swatch} style={{ background: colour }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
