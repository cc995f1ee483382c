/** What was logged beside numbers, by key, at one step: pictures, sounds, tables, charts, texts. */

import { useCallback, useMemo, useState } from "react";
import type { Key, RunDetail } from "../../../api/types";
import { Button, SearchField, Slider } from "../../../components/controls";
import { cx } from "../../../components/cx";
import { InView } from "../../../components/InView";
import { Empty, Failure, Progress } from "../../../components/states";
import { formatMetric } from "../../../data/format";
import { isMedium } from "../../../data/media";
import { byKey, indexAt, unionSteps } from "../../../data/mediaSteps";
import { searchKeys } from "../../../data/sections";
import { useText } from "../../../locales/useText";
import { useKeyboard } from "../../../state/keyboard";
import { useKeys, useMediaItems } from "../../../state/queries";
import { MEDIA, useView } from "../../../state/views";
import run_ from "../run.module.css";
import { FullView } from "./FullView";
import { Medium } from "./Medium";
import s from "./media.module.css";
import { RowsMedium } from "./RowsMedium";

type Props = { readonly run: RunDetail };

const EXAMPLE = `run.log({
    "sample": tracklab.Image(pixels, caption="after one epoch"),
    "predictions": tracklab.Table(columns=["text", "score"], data=rows),
    "weights": tracklab.Histogram(values),
})`;

/** Kinds that rows hold as they are; all others are records of files. */
const IN_ROWS = new Set(["histogram", "string", "list", "object"]);
const PLAIN = new Set(["number", "bool", "null"]);
/** Tables, traces and lists of pictures need the room of two; a chart of a table does not. */
const WIDE = new Set(["images/separated", "joined-table", "partitioned-table", "wb_trace_tree"]);
const isWide = ({ kind, last }: Key): boolean =>
  WIDE.has(kind) || (kind.endsWith("table-file") && !(isMedium(last) && last["chart"]));

const mediaTypes = ({ kind, last }: Key): readonly string[] => {
  if (!IN_ROWS.has(kind)) return [kind];
  const mixed = kind === "list" && Array.isArray(last) ? last.filter(isMedium) : [];
  return mixed.map((record) => String(record["_type"]));
};

export function Media({ run }: Props) {
  const t = useText();
  const [view, change] = useView(MEDIA);
  const live = run.status === "running";
  const keys = useKeys([run.run], "history", live);
  const media = useMemo(
    () =>
      (keys.data?.keys ?? []).filter(({ key, kind }) => !PLAIN.has(kind) && !key.startsWith("_")),
    [keys.data],
  );
  const types = useMemo(() => [...new Set(media.flatMap(mediaTypes))].sort(), [media]);
  const items = useMediaItems(run.run, types, live);
  const logged = useMemo(
    () => byKey((items.data?.pages ?? []).flatMap((page) => page.media)),
    [items.data],
  );
  const [rowSteps, setRowSteps] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const tellSteps = useCallback(
    (key: string, steps: readonly number[]) => setRowSteps((now) => new Map(now).set(key, steps)),
    [],
  );
  const steps = useMemo(
    () =>
      unionSteps([
        ...[...logged.values()].map((list) => list.map(({ step }) => step)),
        ...rowSteps.values(),
      ]),
    [logged, rowSteps],
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
  const full = view.full === "" ? undefined : logged.get(view.full);
  return (
    <>
      <div className={run_.toolbar}>
        <SearchField
          className={run_.find}
          label={t.media.find}
          value={view.find}
          clear={t.clear}
          onChange={(find) => change({ find })}
        />
        <StepSlider steps={steps} step={view.step} onStep={(step) => change({ step })} />
        {items.hasNextPage && (
          <Button
            label={t.media.older}
            text={t.media.older}
            bordered
            disabled={items.isFetchingNextPage}
            onClick={() => void items.fetchNextPage()}
          />
        )}
      </div>
      {items.isLoading && <Progress />}
      {items.error && <Failure error={items.error} retry={() => void items.refetch()} />}
      {names.size === 0 && <Empty title={t.media.noneMatch} />}
      <div className={s.media}>
        {media
          .filter(({ key }) => names.has(key))
          .map((item) => (
            <InView key={item.key} className={cx(s.medium, isWide(item) && s.wide)}>
              {logged.has(item.key) || mediaTypes(item).length > 0 ? (
                <Medium
                  run={run}
                  item={item}
                  logged={logged.get(item.key) ?? []}
                  step={view.step}
                  off={view.off}
                  onOff={(off) => change({ off })}
                  onFull={() => change({ full: item.key, rows: "", sort: "" }, "push")}
                />
              ) : (
                <RowsMedium run={run} item={item} step={view.step} onSteps={tellSteps} />
              )}
            </InView>
          ))}
      </div>
      {full && <FullView run={run} name={view.full} logged={full} view={view} change={change} />}
    </>
  );
}

type StepSliderProps = {
  readonly steps: readonly number[];
  /** Null follows the newest. */
  readonly step: number | null;
  readonly onStep: (step: number | null) => void;
};

/** One step for the whole page; each panel shows what stood there. */
function StepSlider({ steps, step, onStep }: StepSliderProps) {
  const t = useText().media;
  const last = steps.length - 1;
  const at = Math.max(indexAt(steps, step), 0);
  const go = (index: number): void => {
    const next = Math.min(Math.max(index, 0), last);
    onStep(next === last ? null : (steps[next] ?? null));
  };
  useKeyboard({ "[": () => go(at - 1), "]": () => go(at + 1) });
  if (last < 1) return null;
  return (
    <div className={s.steps}>
      <Button
        label={`${t.before} ([)`}
        icon="left"
        disabled={at === 0}
        onClick={() => go(at - 1)}
      />
      <Slider
        label=""
        name={t.slider}
        value={at}
        low={0}
        high={last}
        step={1}
        text={t.step(formatMetric(steps[at] ?? 0))}
        onChange={go}
      />
      <Button
        label={`${t.after} (])`}
        icon="right"
        disabled={at === last}
        onClick={() => go(at + 1)}
      />
      <Button
        label={t.newest}
        text={t.newest}
        pressed={step === null}
        onClick={() => onStep(null)}
      />
    </div>
  );
}
