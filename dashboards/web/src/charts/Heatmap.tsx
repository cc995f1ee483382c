/** Counts or levels over time as a field of colour, with its axes as text. */

import { useEffect, useRef } from "react";
import { shade } from "../data/palette";
import s from "./charts.module.css";

export type AxisLabel = { readonly at: number; readonly text: string };

export type HeatmapProps = {
  /** `values[column][row]`, row 0 at the bottom; NaN is a gap and stays ground. */
  readonly values: readonly (readonly number[])[];
  readonly rows: number;
  /** The value drawn in the last colour; 0 is drawn in the first, or not at all. */
  readonly peak: number;
  readonly height: number;
  /** Levels fill every cell; counts leave empty cells empty and rare ones faint. */
  readonly solid?: boolean;
  /** Places are shares of the axis, 0 to 1. */
  readonly xLabels: readonly AxisLabel[];
  readonly yLabels: readonly AxisLabel[];
  readonly label: string;
  readonly dark: boolean;
};

export function Heatmap({
  values,
  rows,
  peak,
  height,
  solid = false,
  xLabels,
  yLabels,
  label,
  dark,
}: HeatmapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || values.length === 0 || rows === 0) return;
    const image = context.createImageData(values.length, rows);
    values.forEach((column, x) => {
      for (let row = 0; row < rows; row += 1) {
        const value = column[row] ?? Number.NaN;
        if (Number.isNaN(value) || (!solid && value <= 0)) continue;
        // A square root lets the rare cells show beside the crowded ones.
        const ratio = solid ? Math.min(value / peak, 1) : Math.sqrt(Math.min(value / peak, 1));
        const [red, green, blue] = shade(ratio, dark);
        image.data.set(
          [red, green, blue, solid ? 255 : 90 + 165 * ratio],
          ((rows - 1 - row) * values.length + x) * 4,
        );
      }
    });
    context.putImageData(image, 0, 0);
  }, [values, rows, peak, solid, dark]);
  return (
    <div className={s.heat} role="img" aria-label={label}>
      <div className={s.heatLabels}>
        {yLabels.map(({ at, text }) => (
          <span key={text} className={s.heatLabel} style={{ top: `${(1 - at) * 100}%` }}>
            {text}
          </span>
        ))}
      </div>
      <canvas
        ref={canvas}
        className={s.heatCanvas}
        width={Math.max(values.length, 1)}
        height={Math.max(rows, 1)}
        style={{ height }}
      />
      <div className={s.heatAxis}>
        {xLabels.map(({ at, text }) => (
          <span key={at} className={s.heatTick} style={{ left: `${at * 100}%` }}>
            {text}
          </span>
        ))}
      </div>
    </div>
  );
}
