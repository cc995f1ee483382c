/** One key over the whole window, still at the page's step. */

import type { RunDetail } from "../../../api/types";
import { Button } from "../../../components/controls";
import { Dialog } from "../../../components/Overlay";
import { formatMetric } from "../../../data/format";
import type { ViewOf } from "../../../data/url";
import { useText } from "../../../locales/useText";
import type { Change, MEDIA } from "../../../state/views";
import { type LoggedMedia, MediumContent, nameOf, standing } from "./Medium";
import s from "./media.module.css";

type MediaView = ViewOf<typeof MEDIA>;

type Props = {
  readonly run: RunDetail;
  readonly name: string;
  readonly logged: LoggedMedia;
  readonly view: MediaView;
  readonly change: Change<MediaView>;
};

export function FullView({ run, name, logged, view, change }: Props) {
  const t = useText();
  const shown = standing(logged, view.step);
  const go = (by: number): void => {
    const next = logged[shown.at + by];
    if (next) change({ step: next.step });
  };
  const close = (): void => change({ full: "", rows: "", sort: "" });
  const title = nameOf(
    name,
    shown.items.some(({ vega_lite }) => vega_lite),
  );
  return (
    <Dialog label={title} shape="wide" onClose={close}>
      <div className={s.fullHead}>
        <h2>{title}</h2>
        <Button
          label={t.media.before}
          icon="left"
          disabled={shown.at <= 0}
          onClick={() => go(-1)}
        />
        <span>{shown.step !== undefined && t.media.step(formatMetric(shown.step))}</span>
        <Button
          label={t.media.after}
          icon="right"
          disabled={shown.at >= logged.length - 1}
          onClick={() => go(1)}
        />
        <span className={s.push} />
        <Button label={t.close} icon="close" onClick={close} />
      </div>
      <div className={s.fullBody}>
        {shown.items.map((one, index) => (
          <MediumContent
            // biome-ignore lint/suspicious/noArrayIndexKey: a list of media has no other names
            key={index}
            run={run.run}
            item={one}
            logged={logged}
            off={view.off}
            onOff={(off) => change({ off })}
            big
            look={{ find: view.rows, sort: view.sort, change }}
          />
        ))}
      </div>
    </Dialog>
  );
}
