/**
 * Parallel coordinates: an axis for each quantity, a line for each thing that has them.
 *
 * Along each axis a part can be brushed; what lies outside of it is drawn faint.
 */

import { Fragment, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Axis, shareOf, ticksOf } from "../data/axis";
import type { Range } from "../data/columns";
import { AxisBrush, type EndTexts } from "./AxisBrush";
import { fitCanvas } from "./canvas";
import s from "./charts.module.css";
import { PointTip, type Tip } from "./PointTip";
import { AXIS_FONT, type ChartTheme } from "./theme";
import { useWidth } from "./width";

export type ParallelAxis = Axis & { readonly name: string };
export type ParallelLine = {
  readonly id: string;
  /** Where the line crosses each axis, in its units; NaN where it has no value. */
  readonly units: readonly number[];
  /** Null for what the colours cannot tell. */
  readonly colour: string | null;
  readonly kept: boolean;
};

export type ParallelProps = {
  readonly axes: readonly ParallelAxis[];
  /** What is drawn last lies on top. */
  readonly lines: readonly ParallelLine[];
  /** The colour at each share of the last axis, where that is what lines are coloured by. */
  readonly scale: ((share: number) => string) | null;
  readonly brushes: ReadonlyMap<string, Range>;
  readonly onBrush: (name: string, range: Range | null) => void;
  readonly hovered: string | null;
  readonly onHover: (id: string | null) => void;
  readonly onPick: (id: string) => void;
  readonly tipOf: (id: string) => Tip;
  readonly theme: ChartTheme;
  readonly height: number;
  readonly label: string;
  readonly ends: EndTexts;
};

const [LEFT, RIGHT, TOP, BOTTOM] = [24, 72, 34, 16];
const NARROWEST = 96;
const REACH = 8;
/** So many lines can be told from each other. */
const MANY = 150;

type Scene = Pick<ParallelProps, "axes" | "lines" | "scale" | "hovered" | "theme" | "height">;

const acrossOf = (count: number, index: number, width: number): number =>
  LEFT + (count < 2 ? 0 : (index * (width - LEFT - RIGHT)) / (count - 1));

export function Parallel(props: ParallelProps) {
  const { axes, lines, scale, hovered, onHover, onPick, tipOf, theme, height } = props;
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = useWidth(host);
  const width = Math.max(seen, LEFT + RIGHT + (axes.length - 1) * NARROWEST);
  const [pointer, setPointer] = useState<readonly [number, number] | null>(null);
  useEffect(() => {
    const scene = { axes, lines, scale, hovered, theme, height };
    if (canvas.current && seen > 0) paint(fitCanvas(canvas.current, width, height), scene, width);
  }, [axes, lines, scale, hovered, theme, height, seen, width]);
  const nearest = (event: PointerEvent): string | null => {
    const box = canvas.current?.getBoundingClientRect();
    if (!box) return null;
    const place = [event.clientX - box.left, event.clientY - box.top] as const;
    return nearestLine(axes, lines, place, { width, height });
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: wider than the page, it is scrolled by keyboard
    <section ref={host} className={s.parallel} aria-label={props.label} tabIndex={0}>
      <div
        className={s.parallelPlane}
        style={{ width, height }}
        role="presentation"
        data-pick={pointer !== null && hovered !== null}
        onPointerMove={(event) => {
          onHover(event.buttons === 0 ? nearest(event) : null);
          setPointer([event.clientX, event.clientY]);
        }}
        onPointerLeave={() => {
          onHover(null);
          setPointer(null);
        }}
      >
        <canvas
          ref={canvas}
          onPointerUp={(event) => {
            const id = nearest(event);
            if (id !== null) onPick(id);
          }}
        />
        {axes.map((axis, index) => (
          <Fragment key={axis.name}>
            <span
              className={s.axisName}
              title={axis.name}
              style={{
                left: acrossOf(axes.length, index, width) - 12,
                maxWidth: Math.max((width - LEFT - RIGHT) / Math.max(axes.length - 1, 1) - 12, 60),
              }}
            >
              {axis.name}
            </span>
            <AxisBrush
              axis={axis}
              name={axis.name}
              range={props.brushes.get(axis.name) ?? null}
              left={acrossOf(axes.length, index, width)}
              top={TOP}
              length={height - TOP - BOTTOM}
              ends={props.ends}
              onBrush={(range) => props.onBrush(axis.name, range)}
            />
          </Fragment>
        ))}
      </div>
      {pointer && hovered !== null && (
        <PointTip {...tipOf(hovered)} x={pointer[0]} y={pointer[1]} />
      )}
    </section>
  );
}

type Size = { readonly width: number; readonly height: number };

const heightOf = (axis: Axis, unit: number, height: number): number =>
  TOP + (1 - shareOf(axis, unit)) * (height - TOP - BOTTOM);

function nearestLine(
  axes: readonly ParallelAxis[],
  lines: readonly ParallelLine[],
  [x, y]: readonly [number, number],
  { width, height }: Size,
): string | null {
  const room = acrossOf(axes.length, 1, width) - LEFT;
  const before = Math.min(Math.max(Math.floor((x - LEFT) / room), 0), axes.length - 2);
  const [first, second] = [axes[before], axes[before + 1]];
  if (!first || !second) return null;
  const share = Math.min(Math.max((x - LEFT) / room - before, 0), 1);
  let [found, least]: [string | null, number] = [null, REACH];
  for (const { id, units, kept } of lines) {
    const from = heightOf(first, units[before] ?? Number.NaN, height);
    const upTo = heightOf(second, units[before + 1] ?? Number.NaN, height);
    const away = Math.abs(from + (upTo - from) * share - y);
    // Of lines at one place the last one lies on top.
    if (kept && away <= least) [found, least] = [id, away];
  }
  return found;
}

function paint(context: CanvasRenderingContext2D, scene: Scene, width: number): void {
  const { axes, lines, theme, hovered } = scene;
  const trace = (line: ParallelLine): void => stroke(context, scene, line, width);
  context.lineJoin = "round";
  context.lineWidth = 1;
  context.strokeStyle = theme.rule;
  // One path for all of them would take many times as long.
  for (const line of lines) if (!line.kept) trace(line);
  // Many lines would hide each other: where they are dense is told by the ink of all together.
  const kept = lines.filter((line) => line.kept);
  context.globalAlpha =
    (hovered === null ? 0.85 : 0.25) * Math.min(1, Math.sqrt(MANY / kept.length));
  context.lineWidth = kept.length > MANY ? 1 : 1.5;
  const pen = ({ colour }: ParallelLine): void => {
    context.setLineDash(colour === null ? [3, 3] : []);
    context.strokeStyle = colour ?? theme.inkThird;
  };
  for (const line of kept) {
    pen(line);
    trace(line);
  }
  context.globalAlpha = 1;
  const focus = lines.find(({ id }) => id === hovered);
  if (focus) {
    pen(focus);
    context.lineWidth = 3;
    trace(focus);
  }
  context.setLineDash([]);
  axes.forEach((axis, index) => {
    rule(context, scene, axis, acrossOf(axes.length, index, width), index === axes.length - 1);
  });
}

function stroke(
  context: CanvasRenderingContext2D,
  { axes, height }: Scene,
  { units }: ParallelLine,
  width: number,
): void {
  context.beginPath();
  units.forEach((unit, index) => {
    const axis = axes[index];
    if (!axis || Number.isNaN(unit)) return;
    context.lineTo(acrossOf(axes.length, index, width), heightOf(axis, unit, height));
  });
  context.stroke();
}

/** One axis with its ticks; the last one shows what the colours mean. */
function rule(
  context: CanvasRenderingContext2D,
  { theme, height, scale }: Scene,
  axis: Axis,
  x: number,
  last: boolean,
): void {
  const high = height - TOP - BOTTOM;
  context.fillStyle = theme.inkSecond;
  context.fillRect(Math.round(x), TOP, 1, high);
  if (last && scale) {
    const ramp = context.createLinearGradient(0, TOP + high, 0, TOP);
    for (let stop = 0; stop <= 10; stop += 1) ramp.addColorStop(stop / 10, scale(stop / 10));
    context.fillStyle = ramp;
    context.fillRect(Math.round(x), TOP, 6, high);
  }
  context.font = AXIS_FONT;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineWidth = 3;
  context.strokeStyle = theme.ground;
  context.fillStyle = theme.inkSecond;
  for (const { share, text } of ticksOf(axis, 6)) {
    const y = TOP + (1 - share) * high;
    const short = text.length > 12 ? `${text.slice(0, 11)}…` : text;
    // A rim of ground keeps the text legible on the lines.
    context.strokeText(short, x + 12, y);
    context.fillText(short, x + 12, y);
  }
}
