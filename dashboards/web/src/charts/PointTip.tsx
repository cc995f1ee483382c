/** What one point or line is, beside the pointer. */

import s from "./charts.module.css";

export type Tip = {
  readonly heading: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
};

type PointTipProps = Tip & {
  /** Where the pointer is in the window, in CSS pixels. */
  readonly x: number;
  readonly y: number;
};

export function PointTip({ heading, rows, x, y }: PointTipProps) {
  const flip = x > innerWidth / 2;
  return (
    <div
      className={s.tooltip}
      style={{
        transform: `translate(${x + (flip ? -14 : 14)}px, ${y + 10}px)${flip ? " translateX(-100%)" : ""}`,
      }}
      role="presentation"
    >
      <div className={s.tooltipHead}>{heading}</div>
      {rows.map(([name, value]) => (
        <div key={name} className={s.tipRow}>
          <span className={s.tooltipName}>{name}</span>
          <span className={s.tooltipValue}>{value}</span>
        </div>
      ))}
    </div>
  );
}
