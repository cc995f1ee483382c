/** One key at one step: its head, and whatever fits what was logged. */

import type { Key, MediaItem, RunDetail } from "../../../api/types";
import { Button } from "../../../components/controls";
import { formatMetric } from "../../../data/format";
import { isMedium, type MediaRecord, toShown } from "../../../data/media";
import { indexAt, type Logged } from "../../../data/mediaSteps";
import { useText } from "../../../locales/useText";
import { ChartView } from "./ChartView";
import { Clouds } from "./Clouds";
import { FigureView } from "./Figures";
import { FileCards, Films, Frames, Sounds } from "./Files";
import s from "./media.module.css";
import { Pictures } from "./Pictures";
import { JoinedView, PartsView } from "./Tables";
import { TableView } from "./TableView";
import { Text } from "./Text";
import { TraceView } from "./TraceView";

export type LoggedMedia = readonly Logged<MediaItem>[];

type HeadProps = {
  readonly name: string;
  readonly kind: string;
  readonly count: number;
  readonly step: number | undefined;
  readonly onFull?: () => void;
};

/** Keys of charts are those of their tables; people know them by the name they logged. */
export const nameOf = (key: string, chart: boolean): string =>
  chart ? key.replace(/_table$/u, "") : key;

export function MediumHead({ name, kind, count, step, onFull }: HeadProps) {
  const t = useText();
  return (
    <div className={s.head}>
      <h2 title={name}>{name}</h2>
      <span>
        {kind}
        {count > 1 && `, ${t.media.steps(count)}`}
      </span>
      {step !== undefined && <b>{t.media.step(formatMetric(step))}</b>}
      {onFull && <Button label={t.chart.expand} icon="expand" onClick={onFull} />}
    </div>
  );
}

/** The last of what was logged up to a step. */
export function standing(
  logged: LoggedMedia,
  step: number | null,
): { readonly at: number; readonly items: readonly MediaItem[]; readonly step?: number } {
  const at = indexAt(
    logged.map((one) => one.step),
    step,
  );
  const one = logged[at];
  return one ? { at, items: one.values, step: one.step } : { at, items: [] };
}

type MediumProps = {
  readonly run: RunDetail;
  readonly item: Key;
  readonly logged: LoggedMedia;
  readonly step: number | null;
  readonly off: readonly string[];
  readonly onOff: (off: readonly string[]) => void;
  readonly onFull: () => void;
};

export function Medium({ run, item, logged, step, off, onOff, onFull }: MediumProps) {
  const t = useText().media;
  const shown = standing(logged, step);
  const chart = isMedium(item.last) && item.last["chart"] !== undefined;
  const first = logged[0]?.step;
  const kinds: Readonly<Record<string, string>> = t.kinds;
  return (
    <>
      <MediumHead
        name={nameOf(item.key, chart)}
        kind={chart ? t.kinds.chart : (kinds[item.kind] ?? item.kind)}
        count={logged.length}
        step={shown.step}
        {...(shown.items.length > 0 ? { onFull } : {})}
      />
      <div className={s.body}>
        {shown.items.length === 0 && first !== undefined && (
          <p className={s.note}>{t.notYet(formatMetric(first))}</p>
        )}
        {shown.items.map((one, index) => (
          <MediumContent
            // biome-ignore lint/suspicious/noArrayIndexKey: a list of media has no other names
            key={index}
            run={run.run}
            item={one}
            logged={logged}
            off={off}
            onOff={onOff}
            big={false}
          />
        ))}
      </div>
    </>
  );
}

export type TableLook = {
  readonly find: string;
  readonly sort: string;
  readonly change: (patch: { readonly rows?: string; readonly sort?: string }) => void;
};

type ContentProps = {
  /** The run's address. */
  readonly run: string;
  readonly item: MediaItem;
  readonly logged: LoggedMedia;
  readonly off: readonly string[];
  readonly onOff: (off: readonly string[]) => void;
  readonly big: boolean;
  readonly look?: TableLook;
};

export function MediumContent({ run, item, logged, off, onOff, big, look }: ContentProps) {
  const record: MediaRecord = item.record;
  const shown = toShown(record);
  switch (shown.kind) {
    case "pictures":
      return (
        <Pictures
          run={run}
          name={item.key}
          pictures={shown.pictures}
          off={off}
          onOff={onOff}
          big={big}
        />
      );
    case "sounds":
      return <Sounds run={run} name={item.key} files={shown.files} />;
    case "films":
      return <Films run={run} name={item.key} files={shown.files} />;
    case "pages":
      return <Frames run={run} name={item.key} files={shown.files} big={big} />;
    case "points":
      return <Clouds run={run} name={item.key} files={shown.files} big={big} />;
    case "files":
      return <FileCards run={run} files={shown.files} />;
    case "figure":
      return (
        <FigureView run={run} name={item.key} file={shown.file} library={shown.library} big={big} />
      );
    case "joined":
      return (
        <JoinedView run={run} name={item.key} files={shown.files} keys={shown.keys} look={look} />
      );
    case "parts":
      return <PartsView run={run} name={item.key} folder={shown.folder} look={look} />;
    case "trace":
      return <TraceView name={item.key} root={shown.root} model={shown.model} big={big} />;
    case "table":
      return item.vega_lite ? (
        <ChartView run={run} item={item} spec={item.vega_lite} path={shown.file.path} big={big} />
      ) : (
        <TableView run={run} item={item} file={shown.file} logged={logged} look={look} />
      );
    default:
      return <Text value={record} />;
  }
}
