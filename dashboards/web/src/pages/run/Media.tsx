/** What was logged beside numbers, step by step: histograms, texts, lists, records. */

import { useMemo, useState } from "react";
import type { Key, Row, RunDetail } from "../../api/types";
import { Ridge } from "../../charts/Ridge";
import { useLook } from "../../components/ChartTheme";
import { SearchField, Slider } from "../../components/controls";
import { InView } from "../../components/InView";
import { Empty, Failure, Progress } from "../../components/states";
import { formatMetric, formatValue } from "../../data/format";
import { type HistogramAt, toHistogram } from "../../data/histogram";
import { lineStyle } from "../../data/palette";
import { searchKeys } from "../../data/sections";
import { useText } from "../../locales/useText";
import { useKeyboard } from "../../state/keyboard";
import { useKeys, useRows } from "../../state/queries";
import { MEDIA, useView } from "../../state/views";
import s from "./run.module.css";

type Props = { readonly run: RunDetail };

const EXAMPLE = `run.log({
    "weights": tracklab.Histogram(values),
    "sample": "Once upon a time",
})`;

const KINDS = new Set(["histogram", "string", "list", "object"]);
const STEPS = 1000;

export function Media({ run }: Props) {
  const t = useText();
  const [view, change] = useView(MEDIA);
  const [nudge, setNudge] = useState<Nudge>({ count: 0, by: 0 });
  const step = (by: number): void => setNudge(({ count }) => ({ count: count + 1, by }));
  useKeyboard({ "[": () => step(-1), "]": () => step(1) });
  const keys = useKeys([run.run], "history", run.status === "running");
  const media = useMemo(
    () =>
      (keys.data?.keys ?? []).filter(({ key, kind }) => KINDS.has(kind) && !key.startsWith("_")),
    [keys.data],
  );
  const names = useMemo(
    () =>
      new Set(
        searchKeys(
          media.map(({ key }) => key),
          view.find,
        ),
      ),
    [media, view.find],
  );
  if (keys.error) return <Failure error={keys.error} retry={() => void keys.refetch()} />;
  if (keys.isLoading) return <Progress />;
  if (media.length === 0) {
    return (
      <Empty title={t.media.empty} code={EXAMPLE}>
        {t.media.emptyHint}
      </Empty>
    );
  }
  return (
    <>
      <div className={s.toolbar}>
        <SearchField
          className={s.find}
          label={t.media.find}
          value={view.find}
          clear={t.clear}
          onChange={(find) => change({ find })}
        />
      </div>
      <div className={s.media}>
        {media
          .filter(({ key }) => names.has(key))
          .map((key) => (
            <InView key={key.key} className={s.medium}>
              <Medium run={run} item={key} nudge={nudge} />
            </InView>
          ))}
      </div>
    </>
  );
}

/** A press of [ or ]: all media step together, each from where it stands. */
type Nudge = { readonly count: number; readonly by: number };

type MediumProps = Props & { readonly item: Key; readonly nudge: Nudge };

function Medium({ run, item, nudge }: MediumProps) {
  const t = useText();
  const rows = useRows(run.run, "history", [item.key], STEPS, run.status === "running");
  const ordered = useMemo(() => [...(rows.data?.rows ?? [])].reverse(), [rows.data]);
  const [chosen, setChosen] = useState<number | null>(null);
  const last = Math.max(ordered.length - 1, 0);
  const at = Math.min(chosen ?? last, last);
  const [heard, setHeard] = useState(nudge.count);
  if (heard !== nudge.count) {
    setHeard(nudge.count);
    setChosen(Math.min(Math.max(at + nudge.by, 0), last));
  }
  const kind =
    item.kind === "histogram"
      ? t.media.histogram
      : item.kind === "list"
        ? t.media.list
        : item.kind === "string"
          ? t.media.text
          : t.media.object;
  return (
    <>
      <div className={s.mediumHead}>
        <h2 title={item.key}>{item.key}</h2>
        <span>
          {kind}, {t.media.steps(item.count)}
        </span>
      </div>
      <div className={s.mediumBody}>
        {rows.isLoading && <Progress />}
        {item.kind === "histogram" ? (
          <Histograms name={item.key} rows={ordered} focus={at} />
        ) : (
          <Text value={ordered[at]?.[item.key]} />
        )}
      </div>
      {ordered.length > 1 && (
        <div className={s.step}>
          <Slider
            label=""
            name={t.media.step(item.key)}
            value={at}
            low={0}
            high={last}
            step={1}
            text={t.media.step(formatMetric(ordered[at]?._step ?? at))}
            onChange={setChosen}
          />
        </div>
      )}
    </>
  );
}

function Text({ value }: { readonly value: unknown }) {
  const text =
    typeof value === "object" && value !== null
      ? JSON.stringify(value, null, 2)
      : value === undefined
        ? ""
        : formatValue(value);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard
    <pre className={s.text} tabIndex={0}>
      {text}
    </pre>
  );
}

const RIDGE_HEIGHT = 240;

function Histograms({
  name,
  rows,
  focus,
}: {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly focus: number;
}) {
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
