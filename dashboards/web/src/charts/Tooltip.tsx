/** What the lines say under the pointer: value, spread of the bucket, and where it stands. */

import { formatMetric } from "../data/format";
import s from "./charts.module.css";
import type { Found } from "./linePlot";

/** More lines than a reader can take in at a glance are counted, not listed. */
const LISTED = 12;

export type TooltipProps = {
  readonly left: number;
  readonly top: number;
  readonly flip: boolean;
  readonly heading: string;
  readonly found: readonly Found[];
  readonly focus: string | null;
  readonly more: (count: number) => string;
  readonly format: (value: number) => string;
};

export function Tooltip({ left, top, flip, heading, found, focus, more, format }: TooltipProps) {
  const sorted = [...found].sort((a, b) => a.y - b.y);
  const shown = sorted.slice(0, LISTED);
  return (
    <div
      className={s.tooltip}
      style={{ transform: `translate(${left}px, ${top}px)${flip ? " translateX(-100%)" : ""}` }}
      role="presentation"
    >
      <div className={s.tooltipHead}>{heading}</div>
      {shown.map((item) => (
        <div key={item.line.id} className={s.tooltipRow} data-focus={item.line.id === focus}>
          <span className={s.swatch} style={{ background: item.line.colour }} />
          <span className={s.tooltipName}>{item.line.label}</span>
          <span className={s.tooltipValue}>{format(item.value)}</span>
          <Spread item={item} />
        </div>
      ))}
      {sorted.length > LISTED && (
        <div className={s.tooltipMore}>{more(sorted.length - LISTED)}</div>
      )}
    </div>
  );
}

/** A bucket says its extremes; an exact point has none. */
function Spread({ item }: { readonly item: Found }) {
  const { columns } = item.line;
  if (columns.exact) return null;
  const [lo, hi] = [columns.lo[item.index] ?? Number.NaN, columns.hi[item.index] ?? Number.NaN];
  if (!(lo < hi)) return null;
  return (
    <span className={s.tooltipSpread}>
      {formatMetric(lo)} … {formatMetric(hi)}
    </span>
  );
}
