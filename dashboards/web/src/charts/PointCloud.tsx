/** Points in space on a canvas, turned by dragging or with the arrow keys. */

import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Cloud, project, type Turn } from "../data/points";
import { fitCanvas } from "./canvas";
import s from "./charts.module.css";
import { useWidth } from "./width";

export type PointCloudProps = {
  readonly cloud: Cloud;
  readonly colour: string;
  readonly height: number;
  readonly label: string;
};

const START: Turn = { yaw: 0.6, pitch: 0.35 };
const PER_PIXEL = 0.01;
const PER_KEY = 0.12;
const STEEP = Math.PI / 2;

export function PointCloud({ cloud, colour, height, label }: PointCloudProps) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(host);
  const [turn, setTurn] = useState(START);
  useEffect(() => {
    if (canvas.current && width > 0)
      paint(fitCanvas(canvas.current, width, height), cloud, turn, { colour, width, height });
  }, [cloud, turn, colour, width, height]);
  const by = (yaw: number, pitch: number): void =>
    setTurn((now) => ({
      yaw: now.yaw + yaw,
      pitch: Math.min(Math.max(now.pitch + pitch, -STEEP), STEEP),
    }));
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = KEYS.get(event.key);
    if (!step) return;
    event.preventDefault();
    by(...step);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (event.buttons === 1) by(event.movementX * PER_PIXEL, event.movementY * PER_PIXEL);
  };
  return (
    <div
      ref={host}
      className={s.cloud}
      role="application"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is turned with the arrow keys
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
    >
      <canvas ref={canvas} />
    </div>
  );
}

const KEYS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["ArrowLeft", [-PER_KEY, 0]],
  ["ArrowRight", [PER_KEY, 0]],
  ["ArrowUp", [0, -PER_KEY]],
  ["ArrowDown", [0, PER_KEY]],
]);

type Scene = { readonly colour: string; readonly width: number; readonly height: number };

function paint(
  context: CanvasRenderingContext2D,
  cloud: Cloud,
  turn: Turn,
  { colour, width, height }: Scene,
): void {
  const seen = project(cloud, turn);
  const order = Uint32Array.from({ length: cloud.count }, (_, index) => index).sort(
    (a, b) => (seen[a * 3 + 2] ?? 0) - (seen[b * 3 + 2] ?? 0),
  );
  const scale = (Math.min(width, height) / 2) * 0.96;
  const size = cloud.count > 20_000 ? 1.2 : cloud.count > 2000 ? 2 : 3;
  context.fillStyle = colour;
  for (const index of order) {
    const depth = seen[index * 3 + 2] ?? 0;
    if (cloud.colours) {
      const [red, green, blue] = cloud.colours.subarray(index * 3, index * 3 + 3);
      context.fillStyle = `rgb(${red} ${green} ${blue})`;
    }
    // What lies behind is fainter: that is all the depth a still picture has.
    context.globalAlpha = Math.min(1, Math.max(0.25, 0.65 + depth * 0.35));
    context.fillRect(
      width / 2 + (seen[index * 3] ?? 0) * scale - size / 2,
      height / 2 - (seen[index * 3 + 1] ?? 0) * scale - size / 2,
      size,
      size,
    );
  }
  context.globalAlpha = 1;
}
