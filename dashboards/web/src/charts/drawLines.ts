/**
 * Ink for lines: envelope, faint raw line, line, markers, and marks for what no line can show.
 *
 * Everything is drawn in CSS pixels by plain loops over typed arrays; nothing is allocated per
 * point.
 */

import { type Columns, type Range, visibleSlice } from "../data/columns";
import { withAlpha } from "../data/palette";

export type Line = {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
  readonly columns: Columns;
  /** The unsmoothed values, drawn faint under a smoothed line. */
  readonly raw?: Columns;
};

/** Maps values to CSS pixels of the canvas. */
export type Plane = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly logX: boolean;
  readonly logY: boolean;
};

const FADED = 0.2;
const ENVELOPE = 0.12;
const RAW = 0.28;

type Scale = (value: number) => number;

export function xScale(plane: Plane): Scale {
  const { left, width, xRange, logX } = plane;
  return logX ? logarithmic(xRange, left, width) : linear(xRange, left, width);
}

export function yScale(plane: Plane): Scale {
  const { top, height, yRange, logY } = plane;
  return logY ? logarithmic(yRange, top + height, -height) : linear(yRange, top + height, -height);
}

function linear([low, high]: Range, start: number, size: number): Scale {
  const factor = size / (high - low);
  return (value) => start + (value - low) * factor;
}

function logarithmic([low, high]: Range, start: number, size: number): Scale {
  const floor = Math.log10(low);
  const factor = size / (Math.log10(high) - floor);
  // A value a log axis cannot hold has no place; NaN breaks the line like a gap.
  return (value) => (value > 0 ? start + (Math.log10(value) - floor) * factor : Number.NaN);
}

type Brush = {
  readonly context: CanvasRenderingContext2D;
  readonly plane: Plane;
  readonly toX: Scale;
  readonly toY: Scale;
};

function trace(brush: Brush, x: Float64Array, y: Float64Array, from: number, upTo: number): void {
  const { context, toX, toY } = brush;
  let pen = false;
  for (let index = from; index < upTo; index += 1) {
    const at = toY(y[index] ?? Number.NaN);
    const across = toX(x[index] ?? Number.NaN);
    if (Number.isNaN(at) || Number.isNaN(across)) pen = false;
    else if (pen) context.lineTo(across, at);
    else {
      context.moveTo(across, at);
      pen = true;
    }
  }
}

/** Fill between lo and hi, stretch by stretch of unbroken points. */
function fillEnvelope(brush: Brush, columns: Columns, from: number, upTo: number): void {
  const gap = (index: number): boolean => Number.isNaN(columns.hi[index] ?? Number.NaN);
  let start = from;
  while (start < upTo) {
    while (start < upTo && gap(start)) start += 1;
    let end = start;
    while (end < upTo && !gap(end)) end += 1;
    if (end - start > 1) fillStretch(brush, columns, start, end);
    start = end;
  }
}

function fillStretch(brush: Brush, columns: Columns, start: number, end: number): void {
  const { context, plane, toX, toY } = brush;
  // What lies below a log axis is filled down to its floor instead of vanishing.
  const floor = plane.top + plane.height;
  const low = (index: number): number => {
    const at = toY(columns.lo[index] ?? Number.NaN);
    return Number.isNaN(at) ? floor : at;
  };
  context.moveTo(toX(columns.x[start] ?? 0), toY(columns.hi[start] ?? 0));
  for (let index = start + 1; index < end; index += 1) {
    context.lineTo(toX(columns.x[index] ?? 0), toY(columns.hi[index] ?? 0));
  }
  for (let index = end - 1; index >= start; index -= 1) {
    context.lineTo(toX(columns.x[index] ?? 0), low(index));
  }
  context.closePath();
}

/** Markers where points are few: the reader sees what was logged and what is only joined. */
function drawMarkers(brush: Brush, { x, last, exact }: Columns, from: number, upTo: number): void {
  const { context, plane, toX, toY } = brush;
  const span = toX(x[upTo - 1] ?? 0) - toX(x[from] ?? 0);
  const roomy = exact && upTo - from <= Math.max(span, 9) / 9 + 1;
  const [left, right] = [plane.left - 0.5, plane.left + plane.width + 0.5];
  for (let index = from; index < upTo; index += 1) {
    const alone =
      Number.isNaN(last[index - 1] ?? Number.NaN) && Number.isNaN(last[index + 1] ?? Number.NaN);
    if (!roomy && !alone) continue;
    const [across, at] = [toX(x[index] ?? Number.NaN), toY(last[index] ?? Number.NaN)];
    if (Number.isNaN(at) || across < left || across > right) continue;
    context.moveTo(across + 2, at);
    context.arc(across, at, 2, 0, Math.PI * 2);
  }
}

const TICK = 7;

/** Ticks on the x axis: NaN and infinities, and on a log axis values that are not positive. */
function drawFloorTicks(brush: Brush, columns: Columns, from: number, upTo: number): void {
  const { context, plane, toX, toY } = brush;
  const floor = plane.top + plane.height;
  for (const { x } of columns.nonfinite) {
    if (x < plane.xRange[0] || x > plane.xRange[1]) continue;
    context.moveTo(toX(x), floor);
    context.lineTo(toX(x), floor - TICK);
  }
  for (let index = from; plane.logY && index < upTo; index += 1) {
    const value = columns.last[index] ?? Number.NaN;
    if (Number.isNaN(value) || !Number.isNaN(toY(value))) continue;
    const across = toX(columns.x[index] ?? 0);
    context.moveTo(across, floor);
    context.lineTo(across, floor - TICK / 2);
  }
}

/** Short marks at the edge for points the axis was told to leave out. */
function drawClipped(brush: Brush, { x, lo, hi }: Columns, from: number, upTo: number): void {
  const { context, plane, toX } = brush;
  const [low, high] = plane.yRange;
  for (let index = from; index < upTo; index += 1) {
    const across = toX(x[index] ?? 0);
    if ((hi[index] ?? 0) > high) {
      context.moveTo(across, plane.top);
      context.lineTo(across, plane.top + 4);
    }
    if ((lo[index] ?? 0) < low && !plane.logY) {
      context.moveTo(across, plane.top + plane.height);
      context.lineTo(across, plane.top + plane.height - 4);
    }
  }
}

function drawLine(brush: Brush, line: Line, alpha: number, width: number): void {
  const { context, plane } = brush;
  const { columns, raw } = line;
  const [from, upTo] = visibleSlice(columns, plane.xRange);
  context.save();
  context.beginPath();
  // A little taller than the plane: a line along the edge keeps its full width.
  context.rect(plane.left, plane.top - 2, plane.width, plane.height + 3);
  context.clip();
  if (!columns.exact) {
    context.fillStyle = withAlpha(line.colour, ENVELOPE * alpha);
    context.beginPath();
    fillEnvelope(brush, columns, from, upTo);
    context.fill();
  }
  if (raw) {
    context.lineWidth = 1;
    context.strokeStyle = withAlpha(line.colour, RAW * alpha);
    context.beginPath();
    trace(brush, raw.x, raw.last, ...visibleSlice(raw, plane.xRange));
    context.stroke();
  }
  context.lineWidth = width;
  context.strokeStyle = withAlpha(line.colour, alpha);
  context.setLineDash(line.dash as number[]);
  context.beginPath();
  trace(brush, columns.x, columns.last, from, upTo);
  context.stroke();
  context.setLineDash([]);
  context.lineWidth = 1.5;
  context.beginPath();
  drawFloorTicks(brush, raw ?? columns, from, upTo);
  drawClipped(brush, columns, from, upTo);
  context.stroke();
  context.restore();
  // Markers may reach over the edge: half a dot would look like another shape.
  context.fillStyle = withAlpha(line.colour, alpha);
  context.beginPath();
  drawMarkers(brush, columns, from, upTo);
  context.fill();
}

/** Draw all lines, the focused one on top of the others. */
export function drawLines(
  context: CanvasRenderingContext2D,
  plane: Plane,
  lines: readonly Line[],
  focus: string | null,
): void {
  const brush: Brush = { context, plane, toX: xScale(plane), toY: yScale(plane) };
  const front = focus === null ? undefined : lines.find((line) => line.id === focus);
  const width = lines.length > 12 ? 1.15 : 1.5;
  context.lineJoin = "round";
  for (const line of lines) {
    if (line !== front) drawLine(brush, line, front ? FADED : 1, width);
  }
  if (front) drawLine(brush, front, 1, 2);
}
