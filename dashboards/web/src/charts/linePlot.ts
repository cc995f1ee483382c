/**
 * One line chart on a canvas: uPlot lays out scales, axes and grid, our own loops draw the data.
 *
 * Each line keeps its own x column, so runs with unlike steps are never joined into one table.
 * The plot owns its pixels; React only hands it a new model.
 */

import uPlot from "uplot";
import {
  type Columns,
  clippedExtent,
  nearest,
  type Range,
  xExtent,
  yExtent,
} from "../data/columns";
import { type Formatter, formatSmallTicks, formatTicks } from "../data/format";
import { DURATION_STEPS, xTick } from "./axes";
import { crisp, fitCanvas } from "./canvas";
import type { CursorAt, CursorBus } from "./cursorBus";
import { drawLines, type Line, type Plane, xScale, yScale } from "./drawLines";
import { elide, spreadLabels } from "./labels";
import type { PlotModel } from "./model";
import { DIRECT_LABELS, widen } from "./ranges";
import { AXIS_FONT, type ChartTheme, LABEL_FONT } from "./theme";

const AXIS_WIDTH = 46;
const AXIS_HEIGHT = 20;
/** The widest the column of names beside a chart becomes; names beyond are cut in their middle. */
const LABEL_GUTTER = 112;
const LABEL_LEAD = 16;
/** Half a tick label reaches past the end of the x axis. */
const NO_GUTTER = 18;
const ROOM_FOR_LABELS = 380;
const LABEL_GAP = 13;

export type Found = {
  readonly line: Line;
  readonly index: number;
  readonly value: number;
  readonly y: number;
};

export class LinePlot {
  readonly host: HTMLElement;
  private readonly bus: CursorBus;
  private readonly axis: string;
  private readonly theme: ChartTheme;
  private readonly overlay: HTMLCanvasElement;
  private readonly leave: () => void;
  private model: PlotModel;
  private yZoom: Range | null = null;
  private ranges: { x: Range; y: Range };
  private size = { width: 0, height: 0 };
  private readonly plot: uPlot;

  constructor(
    host: HTMLElement,
    bus: CursorBus,
    axis: string,
    theme: ChartTheme,
    model: PlotModel,
  ) {
    this.host = host;
    this.bus = bus;
    this.axis = axis;
    this.theme = theme;
    this.model = model;
    this.ranges = this.computeRanges();
    this.size = { width: Math.max(host.clientWidth, 40), height: Math.max(host.clientHeight, 40) };
    this.plot = new uPlot(this.options(), this.frameData(), host);
    this.overlay = document.createElement("canvas");
    this.overlay.style.cssText = "position:absolute;inset:0;pointer-events:none";
    host.append(this.overlay);
    this.leave = bus.listen((at) => this.paintCursor(at));
  }

  /** Show another model; one with other logarithms or another kind of x needs a new plot. */
  update(model: PlotModel): void {
    const before = this.model;
    if (model === before) return;
    if (onlyFocusDiffers(before, model)) {
      this.model = model;
      this.plot.redraw(false, false);
      return;
    }
    const labelsChange = this.gutter(model) !== this.gutter(this.model);
    this.model = model;
    if (labelsChange) this.plot.setSize(this.size);
    this.refresh();
  }

  private refresh(): void {
    this.ranges = this.computeRanges();
    this.plot.setData(this.frameData());
    this.paintCursor(this.bus.current);
  }

  resize(): void {
    const width = Math.max(this.host.clientWidth, 40);
    const height = Math.max(this.host.clientHeight, 40);
    if (width === this.size.width && height === this.size.height) return;
    this.size = { width, height };
    this.plot.setSize(this.size);
    this.paintCursor(this.bus.current);
  }

  redraw(): void {
    this.plot.redraw(false);
  }

  destroy(): void {
    this.leave();
    this.overlay.remove();
    this.plot.destroy();
  }

  zoomY(range: Range | null): void {
    this.yZoom = range;
    this.refresh();
  }

  /** The plotting area in CSS pixels of the host. */
  plane(): Plane {
    const { over } = this.plot;
    return {
      left: over.offsetLeft,
      top: over.offsetTop,
      width: over.clientWidth,
      height: over.clientHeight,
      xRange: this.ranges.x,
      yRange: this.ranges.y,
      logX: this.model.logX,
      logY: this.model.logY,
    };
  }

  get surface(): HTMLElement {
    return this.plot.over;
  }

  valueAt(left: number, top: number): readonly [number, number] {
    return [this.plot.posToVal(left, "x"), this.plot.posToVal(top, "y")];
  }

  /** The drawn point of every line nearest to `x`, in the order of the lines. */
  find(x: number): readonly Found[] {
    const toY = yScale(this.plane());
    const found: Found[] = [];
    for (const line of this.model.lines) {
      const index = nearestInside(line.columns, x);
      if (index < 0) continue;
      const value = line.columns.last[index] ?? Number.NaN;
      found.push({ line, index, value, y: toY(value) });
    }
    return found;
  }

  /** A picture of the chart as it stands, on its ground, with its title. */
  toPicture(title: string): HTMLCanvasElement {
    const source = this.plot.ctx.canvas;
    const ratio = devicePixelRatio || 1;
    const head = 24 * ratio;
    const picture = document.createElement("canvas");
    picture.width = source.width;
    picture.height = source.height + head;
    const context = picture.getContext("2d");
    if (context) {
      context.fillStyle = this.theme.ground;
      context.fillRect(0, 0, picture.width, picture.height);
      context.fillStyle = this.theme.ink;
      context.font = `600 ${12.5 * ratio}px ${AXIS_FONT.slice(5)}`;
      context.textBaseline = "middle";
      context.fillText(title, 12 * ratio, head / 2);
      context.drawImage(source, 0, head);
    }
    return picture;
  }

  private columns(): readonly Columns[] {
    return this.model.lines.flatMap(({ columns, raw }) => (raw ? [columns, raw] : [columns]));
  }

  private computeRanges(): { x: Range; y: Range } {
    const { xRange, yRange, logX, logY, clip } = this.model;
    const all = this.columns();
    const x = widen(xRange ?? xExtent(all, logX), logX, 0);
    const clipped = clip ? clippedExtent(all, x) : null;
    const found = clipped ?? yExtent(all, x, logY);
    const y = this.yZoom ?? yRange ?? found;
    const padding = this.yZoom || yRange ? 0 : 0.06;
    return { x, y: widen(y, logY, padding) };
  }

  private gutter({ lines }: PlotModel): number {
    const direct =
      lines.length > 1 && lines.length <= DIRECT_LABELS && this.size.width >= ROOM_FOR_LABELS;
    if (!direct) return NO_GUTTER;
    const widest = Math.max(...lines.map(({ label }) => labelWidth(label)));
    return Math.min(LABEL_GUTTER, Math.ceil(widest) + LABEL_LEAD + 6);
  }

  /** uPlot takes its ranges from data: two corners say them all. */
  private frameData(): uPlot.AlignedData {
    const { x, y } = this.ranges;
    return [
      [x[0], x[1]],
      [y[0], y[1]],
    ];
  }

  private options(): uPlot.Options {
    const { theme, model } = this;
    const { formatY } = model;
    const axis = { stroke: theme.inkThird, font: AXIS_FONT, gap: 4, ticks: { show: false } };
    const grid = { stroke: theme.gridLine, width: 1 };
    const measured = (_: uPlot, values: string[] | null): number => axisWidth(values);
    return {
      ...this.size,
      padding: [8, () => this.gutter(this.model), 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: {
          time: model.xKind === "time",
          distr: model.logX ? 3 : 1,
          range: () => [...this.ranges.x],
        },
        y: { distr: model.logY ? 3 : 1, range: () => [...this.ranges.y] },
      },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: AXIS_HEIGHT,
          space: 64,
          ...(model.xKind === "duration" ? { incrs: DURATION_STEPS } : {}),
          values: (_plot, splits, _axis, _space, step) =>
            splits.map((value) => (value === null ? "" : xTick(model.xKind, value, step))),
        },
        {
          ...axis,
          grid,
          size: measured,
          space: 28,
          values: (_plot, splits) => yLabels(splits, formatY, model.logY),
        },
      ],
      hooks: { draw: [() => this.paint()] },
    };
  }

  private paint(): void {
    const context = this.plot.ctx;
    const ratio = devicePixelRatio || 1;
    const plane = this.plane();
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.paintFloor(context, plane);
    drawLines(context, plane, this.model.lines, this.model.focus);
    const gutter = this.gutter(this.model);
    if (gutter > NO_GUTTER) this.paintLabels(context, plane, gutter);
    context.restore();
  }

  /** The x axis is the one rule that always stands; the grid is fainter. */
  private paintFloor(context: CanvasRenderingContext2D, plane: Plane): void {
    context.strokeStyle = this.theme.ruleStrong;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(plane.left, crisp(plane.top + plane.height));
    context.lineTo(plane.left + plane.width, crisp(plane.top + plane.height));
    context.stroke();
  }

  private paintLabels(context: CanvasRenderingContext2D, plane: Plane, gutter: number): void {
    const { lines, focus } = this.model;
    const toY = yScale(plane);
    const toX = xScale(plane);
    const ends = lines.flatMap((line) => {
      const end = lastInside(line.columns, plane.xRange);
      const y = toY(end.value);
      if (Number.isNaN(y)) return [];
      const wanted = Math.min(Math.max(y, plane.top), plane.top + plane.height);
      return [{ line, wanted, reaches: toX(end.x) > plane.left + plane.width - 12 }];
    });
    const places = spreadLabels(
      ends.map(({ line, wanted }) => ({ id: line.id, wanted })),
      LABEL_GAP,
      plane.top + 4,
      plane.top + plane.height,
    );
    const known = lines.some((line) => line.id === focus);
    const left = plane.left + plane.width;
    context.font = LABEL_FONT;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const { line, wanted, reaches } of ends) {
      const y = places.get(line.id) ?? wanted;
      context.globalAlpha = known && line.id !== focus ? 0.3 : 1;
      context.strokeStyle = line.colour;
      context.lineWidth = 1.5;
      context.beginPath();
      // A line that ended earlier is named, but not joined to a place it never reached.
      context.moveTo(left + (reaches ? 2 : 6), reaches ? wanted : y);
      context.lineTo(left + 6, y);
      context.lineTo(left + 11, y);
      context.stroke();
      context.fillStyle = this.theme.inkSecond;
      const short = elide(
        line.label,
        gutter - LABEL_LEAD - 6,
        (text) => context.measureText(text).width,
      );
      context.fillText(short, left + 15, y + 0.5);
    }
    context.globalAlpha = 1;
  }

  /** The hairline and its dots live on their own canvas: moving them repaints no data. */
  private paintCursor(at: CursorAt | null): void {
    const context = fitCanvas(this.overlay, this.size.width, this.size.height);
    if (at?.axis !== this.axis) return;
    const plane = this.plane();
    const x = xScale(plane)(at.x);
    if (!(x >= plane.left - 1 && x <= plane.left + plane.width + 1)) return;
    context.strokeStyle = this.theme.ruleStrong;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(crisp(x - 0.5), plane.top);
    context.lineTo(crisp(x - 0.5), plane.top + plane.height);
    context.stroke();
    if (this.model.lines.length > 12) return;
    for (const { line, index, y } of this.find(at.x)) {
      if (Number.isNaN(y) || y < plane.top || y > plane.top + plane.height) continue;
      context.beginPath();
      context.arc(xScale(plane)(line.columns.x[index] ?? at.x), y, 3, 0, Math.PI * 2);
      context.fillStyle = line.colour;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = this.theme.ground;
      context.stroke();
    }
  }
}

/** A pointer on another run changes the ink of the lines and nothing else. */
function onlyFocusDiffers(before: PlotModel, after: PlotModel): boolean {
  const names = Object.keys(after) as (keyof PlotModel)[];
  return names.every((name) => name === "focus" || before[name] === after[name]);
}

/** How wide the y axis must be: at least so much that the charts of a page align. */
function axisWidth(values: string[] | null): number {
  const longest = Math.max(0, ...(values ?? []).map((text) => text.length));
  return Math.max(AXIS_WIDTH, longest * 6.6 + 10);
}

function lastInside(
  { x, last }: Columns,
  range: Range,
): { readonly x: number; readonly value: number } {
  for (let index = x.length - 1; index >= 0; index -= 1) {
    const value = last[index] ?? Number.NaN;
    if ((x[index] ?? 0) <= range[1] && !Number.isNaN(value)) return { x: x[index] ?? 0, value };
  }
  return { x: Number.NaN, value: Number.NaN };
}

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map<string, number>();

/** Names are measured once: every chart of a board shows the same ones. */
function labelWidth(label: string): number {
  const known = widths.get(label);
  if (known !== undefined) return known;
  if (!ruler) return LABEL_GUTTER;
  ruler.font = LABEL_FONT;
  const { width } = ruler.measureText(label);
  // Measured in another face, a width would be remembered wrongly.
  if (document.fonts.status === "loaded") widths.set(label, width);
  return width;
}

/** One digit times a power of ten. */
function isRound(value: number): boolean {
  const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  return Math.abs(digit - Math.round(digit)) < 1e-6;
}

/** uPlot leaves out ticks that would crowd by passing null. */
function yLabels(
  splits: readonly (number | null)[],
  format: Formatter | undefined,
  log: boolean,
): string[] {
  // The end of a log axis is a tick to uPlot, but no round number to anybody.
  const shown = splits.filter(
    (value): value is number => value !== null && (!log || isRound(value)),
  );
  const labels = format ? formatTicks(shown, format) : formatSmallTicks(shown);
  return splits.map((value) => labels[value === null ? -1 : shown.indexOf(value)] ?? "");
}

/** The nearest point, or -1 where the line has none within reach of x. */
function nearestInside(columns: Columns, x: number): number {
  const { length } = columns.x;
  const [first, final] = [columns.x[0] ?? 0, columns.x[length - 1] ?? 0];
  const slack = (final - first) * 0.02;
  if (length === 0 || x < first - slack || x > final + slack) return -1;
  return nearest(columns.x, x);
}
