/** Points in the order they came, and the best of them so far as a line of steps. */

import { type PointerEvent, useEffect, useRef, useState } from "react";
import { type Axis, numberAxis, shareOf, ticksOf } from "../data/axis";
import { crisp, fitCanvas } from "./canvas";
import s from "./charts.module.css";
import { PointTip, type Tip } from "./PointTip";
import { AXIS_FONT, type ChartTheme } from "./theme";
import { useWidth } from "./width";

export type StepPoint = {
  readonly id: string;
  readonly x: number;
  /** In units of the axis; null for what has no value, and stands below. */
  readonly y: number | null;
  /** The best up to here. */
  readonly best: number | null;
  readonly colour: string;
  /** What has no value yet is a ring, what will have none a cross. */
  readonly open: boolean;
};

export type StepsProps = {
  readonly points: readonly StepPoint[];
  readonly axis: Axis;
  readonly hovered: string | null;
  readonly onHover: (id: string | null) => void;
  readonly onPick: (id: string) => void;
  readonly tipOf: (id: string) => Tip;
  readonly theme: ChartTheme;
  readonly height: number;
  readonly label: string;
  /** What the points are counted as. */
  readonly xName: string;
};

const [LEFT, RIGHT, TOP, BOTTOM] = [58, 16, 12, 38];
/** Points without a value stand so far above the lower end. */
const FLOOR = 26;
const REACH = 14;
const SPACE_PER_TICK = 70;
/** More points than this have room for small ones only. */
const MANY = 400;

type Scene = Pick<StepsProps, "points" | "axis" | "hovered" | "theme" | "height" | "xName">;

type Plan = {
  readonly width: number;
  readonly height: number;
  readonly across: Axis;
  readonly toX: (x: number) => number;
  readonly toY: (y: number | null) => number;
};

function planOf(
  { points, axis, height }: Pick<Scene, "points" | "axis" | "height">,
  width: number,
): Plan {
  const last = points.reduce((most, { x }) => Math.max(most, x), 0);
  const across = numberAxis(0, Math.max(last, 1));
  const [wide, high] = [width - LEFT - RIGHT, height - TOP - BOTTOM];
  return {
    width,
    height,
    across,
    toX: (x) => LEFT + shareOf(across, x) * wide,
    toY: (y) => (y === null ? height - FLOOR : TOP + (1 - shareOf(axis, y)) * high),
  };
}

export function Steps(props: StepsProps) {
  const { points, axis, hovered, onHover, onPick, tipOf, theme, height, label, xName } = props;
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(host);
  const [pointer, setPointer] = useState<readonly [number, number] | null>(null);
  useEffect(() => {
    const scene = { points, axis, hovered, theme, height, xName };
    if (canvas.current && width > 0)
      paint(fitCanvas(canvas.current, width, height), scene, planOf(scene, width));
  }, [points, axis, hovered, theme, height, xName, width]);
  const nearest = (event: PointerEvent): StepPoint | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const { toX, toY } = planOf(props, width);
    let [found, least]: [StepPoint | undefined, number] = [undefined, REACH];
    for (const point of points) {
      const away = Math.hypot(toX(point.x) - x, toY(point.y) - y);
      if (away < least) [found, least] = [point, away];
    }
    return found;
  };
  return (
    <div
      ref={host}
      className={s.plate}
      role="img"
      aria-label={label}
      data-pick={pointer !== null && hovered !== null}
      onPointerMove={(event) => {
        onHover(nearest(event)?.id ?? null);
        setPointer([event.clientX, event.clientY]);
      }}
      onPointerLeave={() => {
        onHover(null);
        setPointer(null);
      }}
      onPointerUp={(event) => {
        const point = nearest(event);
        if (point) onPick(point.id);
      }}
    >
      <canvas ref={canvas} />
      {pointer && hovered !== null && (
        <PointTip {...tipOf(hovered)} x={pointer[0]} y={pointer[1]} />
      )}
    </div>
  );
}

function paint(context: CanvasRenderingContext2D, scene: Scene, plan: Plan): void {
  frame(context, scene, plan);
  stairs(context, scene, plan);
  for (const point of scene.points) dot(context, point, scene, plan);
  const focus = scene.points.find(({ id }) => id === scene.hovered);
  if (!focus) return;
  context.beginPath();
  context.arc(plan.toX(focus.x), plan.toY(focus.y), 7, 0, Math.PI * 2);
  context.strokeStyle = scene.theme.ink;
  context.lineWidth = 1.5;
  context.stroke();
}

function frame(context: CanvasRenderingContext2D, scene: Scene, plan: Plan): void {
  const { theme, axis, height } = scene;
  const [right, bottom] = [plan.width - RIGHT, height - BOTTOM];
  context.font = AXIS_FONT;
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { share, text } of ticksOf(axis, 6)) {
    const y = crisp(TOP + (1 - share) * (bottom - TOP));
    context.strokeStyle = theme.gridLine;
    context.beginPath();
    context.moveTo(LEFT, y);
    context.lineTo(right, y);
    context.stroke();
    context.fillStyle = theme.inkThird;
    context.fillText(text, LEFT - 8, y);
  }
  context.fillText(scene.xName, LEFT - 16, height - 8);
  context.textAlign = "center";
  const most = Math.max(2, Math.floor((right - LEFT) / SPACE_PER_TICK));
  for (const { share, text } of ticksOf(plan.across, most))
    if (!text.includes(".")) context.fillText(text, LEFT + share * (right - LEFT), height - 8);
}

/** Each better value is a step: until then the one before it was the best. */
function stairs(context: CanvasRenderingContext2D, scene: Scene, plan: Plan): void {
  context.beginPath();
  let height: number | null = null;
  for (const { x, best } of scene.points) {
    if (best === null) continue;
    const [across, up] = [plan.toX(x), plan.toY(best)];
    if (height === null) context.moveTo(across, up);
    else {
      context.lineTo(across, height);
      context.lineTo(across, up);
    }
    height = up;
  }
  context.strokeStyle = scene.theme.ink;
  context.lineWidth = 1.5;
  context.stroke();
}

function dot(
  context: CanvasRenderingContext2D,
  { x, y, best, colour, open }: StepPoint,
  { theme, points }: Scene,
  plan: Plan,
): void {
  const [across, up] = [plan.toX(x), plan.toY(y)];
  context.beginPath();
  context.lineWidth = 1.5;
  if (y !== null) {
    const size = points.length > MANY ? 2 : 3.5;
    context.arc(across, up, y === best ? 4.5 : size, 0, Math.PI * 2);
    context.fillStyle = colour;
    context.fill();
    context.strokeStyle = theme.ground;
    context.lineWidth = points.length > MANY ? 0.5 : 1;
  } else if (open) {
    context.arc(across, up, 3, 0, Math.PI * 2);
    context.strokeStyle = theme.running;
  } else {
    for (const side of [-3, 3]) {
      context.moveTo(across - 3, up - side);
      context.lineTo(across + 3, up + side);
    }
    context.strokeStyle = theme.failed;
  }
  context.stroke();
}
