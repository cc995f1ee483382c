/** What stands in the rows themselves: histograms over all steps, texts, lists, records. */

import { useEffect, useMemo } from "react";
import type { Key, Row, RunDetail } from "../../../api/types";
import { Ridge } from "../../../charts/Ridge";
import { useLook } from "../../../components/ChartTheme";
import { Progress } from "../../../components/states";
import { formatMetric } from "../../../data/format";
import { type HistogramAt, toHistogram } from "../../../data/histogram";
import { indexAt } from "../../../data/mediaSteps";
import { lineStyle } from "../../../data/palette";
import { useText } from "../../../locales/useText";
import { useRows } from "../../../state/queries";
import { MediumHead } from "./Medium";
import s from "./media.module.css";
import { Text } from "./Text";

const STEPS = 1000;
const RIDGE_HEIGHT = 250;

type Props = {
  readonly run: RunDetail;
  readonly item: Key;
  readonly step: number | null;
  readonly onSteps: (key: string, steps: readonly number[]) => void;
};

export function RowsMedium({ run, item, step, onSteps }: Props) {
  const t = useText().media;
  const rows = useRows(run.run, "history", [item.key], STEPS, run.status === "running");
  const ordered = useMemo(() => [...(rows.data?.rows ?? [])].reverse(), [rows.data]);
  const steps = useMemo(() => ordered.map((row, index) => row._step ?? index), [ordered]);
  useEffect(() => onSteps(item.key, steps), [onSteps, item.key, steps]);
  const at = indexAt(steps, step);
  const kinds: Readonly<Record<string, string>> = t.kinds;
  return (
    <>
      <MediumHead
        name={item.key}
        kind={kinds[item.kind] ?? item.kind}
        count={item.count}
        step={steps[at]}
      />
      <div className={s.body}>
        {rows.isLoading && <Progress />}
        {at < 0 && steps[0] !== undefined && (
          <p className={s.note}>{t.notYet(formatMetric(steps[0]))}</p>
        )}
        {item.kind === "histogram" ? (
          <Histograms name={item.key} rows={ordered} focus={at} />
        ) : (
          at >= 0 && <Text value={ordered[at]?.[item.key]} />
        )}
      </div>
    </>
  );
}

type HistogramsProps = {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly focus: number;
};

function Histograms({ name, rows, focus }: HistogramsProps) {
  const t = useText();
  const { chart, palette, ground } = useLook();
  const histograms = useMemo(
    () =>
      rows.flatMap<HistogramAt>((row, index) => {
        const histogram = toHistogram(row[name]);
        return histogram ? [{ ...histogram, step: row._step ?? index }] : [];
      }),
    [rows, name],
  );
  if (histograms.length === 0) return null;
  return (
    <Ridge
      histograms={histograms}
      focus={Math.min(focus, histograms.length - 1)}
      colour={lineStyle(0, palette, ground).colour}
      theme={chart}
      height={RIDGE_HEIGHT}
      label={t.media.histogramLabel(name, histograms.length)}
    />
  );
}
