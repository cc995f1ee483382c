/** Histograms over steps, one ridge per step, the newest in front; one of them in focus. */

import { useEffect, useRef } from "react";
import { formatTick } from "../data/format";
import { densities, type HistogramAt, histogramBounds } from "../data/histogram";
import { withAlpha } from "../data/palette";
import { crisp, fitCanvas } from "./canvas";
import s from "./charts.module.css";
import { AXIS_FONT, type ChartTheme } from "./theme";
import { useWidth } from "./width";

export type RidgeProps = {
  readonly histograms: readonly HistogramAt[];
  /** Index of the step in focus. */
  readonly focus: number;
  readonly colour: string;
  readonly theme: ChartTheme;
  readonly height: number;
  readonly label: string;
};

/** So many ridges can be told apart; of more steps an even selection is drawn. */
const RIDGES = 36;

export function selectRidges(count: number, focus: number, limit = RIDGES): readonly number[] {
  if (count <= limit) return Array.from({ length: count }, (_, index) => index);
  const picked = new Set(
    Array.from({ length: limit }, (_, index) => Math.round((index * (count - 1)) / (limit - 1))),
  );
  picked.add(focus);
  return [...picked].sort((a, b) => a - b);
}

export function Ridge({ histograms, focus, colour, theme, height, label }: RidgeProps) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(host);
  useEffect(() => {
    if (canvas.current && width > 0)
      paint(fitCanvas(canvas.current, width, height), {
        histograms,
        focus,
        colour,
        theme,
        width,
        height,
      });
  }, [histograms, focus, colour, theme, width, height]);
  return (
    <div ref={host} className={s.plate} role="img" aria-label={label}>
      <canvas ref={canvas} />
    </div>
  );
}

type Scene = Omit<RidgeProps, "label"> & { readonly width: number };

function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { histograms, focus, colour, theme, width, height } = scene;
  const bounds = histogramBounds(histograms);
  const rows = selectRidges(histograms.length, focus);
  const [left, right, bottom] = [8, width - 52, height - 22];
  // Ridges may overlap their neighbours by some rows; more would hide them.
  const tall = Math.min(bottom * 0.35, Math.max(24, (bottom / rows.length) * 4));
  const top = rows.length < 2 ? bottom : tall + 4;
  const toX = (value: number): number =>
    left + ((value - bounds.low) / (bounds.high - bounds.low)) * (right - left);
  const baseline = (row: number): number =>
    rows.length < 2 ? bottom : top + ((bottom - top) * row) / (rows.length - 1);
  context.font = AXIS_FONT;
  context.textBaseline = "middle";
  rows.forEach((index, row) => {
    const histogram = histograms[index];
    if (!histogram) return;
    const base = baseline(row);
    outline(context, histogram, toX, base, tall / bounds.peak);
    context.fillStyle = theme.ground;
    context.fill();
    context.fillStyle = withAlpha(colour, index === focus ? 0.45 : 0.1);
    context.fill();
    context.strokeStyle = withAlpha(colour, index === focus ? 1 : 0.65);
    context.lineWidth = index === focus ? 1.5 : 1;
    context.stroke();
  });
  stepLabels(context, scene, rows, baseline, right + 6);
  axis(context, theme, bounds.low, bounds.high, toX, height);
}

function outline(
  context: CanvasRenderingContext2D,
  histogram: HistogramAt,
  toX: (value: number) => number,
  base: number,
  scale: number,
): void {
  const heights = densities(histogram);
  context.beginPath();
  context.moveTo(toX(histogram.edges[0] ?? 0), crisp(base));
  heights.forEach((density, index) => {
    const y = crisp(base) - density * scale;
    context.lineTo(toX(histogram.edges[index] ?? 0), y);
    context.lineTo(toX(histogram.edges[index + 1] ?? 0), y);
  });
  context.lineTo(toX(histogram.edges.at(-1) ?? 0), crisp(base));
  context.closePath();
}

function stepLabels(
  context: CanvasRenderingContext2D,
  scene: Scene,
  rows: readonly number[],
  baseline: (row: number) => number,
  x: number,
): void {
  const every = Math.max(1, Math.ceil(rows.length / 6));
  const focusRow = rows.indexOf(scene.focus);
  rows.forEach((index, row) => {
    const focused = index === scene.focus;
    // The focused label wins over neighbours it would touch.
    const crowded = focusRow >= 0 && Math.abs(baseline(row) - baseline(focusRow)) < 12;
    if (!focused && (row % every !== 0 || crowded)) return;
    context.fillStyle = focused ? scene.theme.ink : scene.theme.inkThird;
    context.fillText(formatTick(scene.histograms[index]?.step ?? 0), x, baseline(row));
  });
}

function axis(
  context: CanvasRenderingContext2D,
  theme: ChartTheme,
  low: number,
  high: number,
  toX: (value: number) => number,
  height: number,
): void {
  const ticks = 5;
  context.fillStyle = theme.inkThird;
  for (let index = 0; index <= ticks; index += 1) {
    const value = low + ((high - low) * index) / ticks;
    context.textAlign = index === 0 ? "left" : index === ticks ? "right" : "center";
    context.fillText(formatTick(Number(value.toPrecision(3))), toX(value), height - 8);
  }
  context.textAlign = "left";
}
