/** A line the height of a word: shape only, no axes, no claim to exact values. */

import { useEffect, useRef } from "react";
import type { Columns } from "../data/columns";
import { xExtent, yExtent } from "../data/columns";
import { withAlpha } from "../data/palette";
import { fitCanvas } from "./canvas";
import s from "./charts.module.css";
import { drawLines } from "./drawLines";
import { widen } from "./ranges";

export type SparklineProps = {
  readonly columns: Columns;
  readonly colour: string;
  readonly width: number;
  readonly height: number;
};

export function Sparkline({ columns, colour, width, height }: SparklineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const context = fitCanvas(canvas.current, width, height);
    const extent = xExtent([columns]);
    if (extent === null) return;
    const xRange = widen(extent, false, 0);
    const yRange = widen(yExtent([columns], xRange), false, 0.06);
    const plane = {
      left: 1,
      top: 3,
      width: width - 5,
      height: height - 6,
      xRange,
      yRange,
      logX: false,
      logY: false,
    };
    // Shape only: neither markers nor an envelope.
    const shape = { ...columns, lo: columns.last, hi: columns.last, exact: false, nonfinite: [] };
    drawLines(context, plane, [{ id: "", label: "", colour, dash: [], columns: shape }], null);
    dot(context, plane.left + plane.width, columns, plane.top, plane.height, yRange, colour);
  }, [columns, colour, width, height]);
  return <canvas ref={canvas} className={s.spark} width={width} height={height} />;
}

/** The newest value as a point: where the eye should end. */
function dot(
  context: CanvasRenderingContext2D,
  x: number,
  { last }: Columns,
  top: number,
  height: number,
  [low, high]: readonly [number, number],
  colour: string,
): void {
  const value = last.at(-1) ?? Number.NaN;
  if (Number.isNaN(value)) return;
  const y = top + height - ((value - low) / (high - low)) * height;
  context.beginPath();
  context.arc(x, y, 1.75, 0, Math.PI * 2);
  context.fillStyle = withAlpha(colour, 1);
  context.fill();
}
