/** A run's life on one line: spans and marks over wall time, with the shared cursor. */

import { useEffect, useRef, useState } from "react";
import { crisp, fitCanvas } from "./canvas";
import s from "./charts.module.css";
import type { CursorBus } from "./cursorBus";
import type { ChartTheme } from "./theme";
import { useWidth } from "./width";

export type RibbonMark = {
  readonly t: number;
  /** How it is drawn: a tick, a tick with a notch, a triangle, a cross, or a gap in the rule. */
  readonly shape: "tick" | "notch" | "triangle" | "cross" | "start";
  readonly tone: "ink" | "failed" | "stale" | "running";
  readonly text: string;
};

export type RibbonProps = {
  readonly from: number;
  readonly to: number;
  readonly live: boolean;
  readonly marks: readonly RibbonMark[];
  /** Bursts of errors: shares 0 to 1 over equal parts of the time. */
  readonly bursts: readonly { readonly t0: number; readonly t1: number; readonly share: number }[];
  readonly theme: ChartTheme;
  readonly bus: CursorBus;
  readonly axis: string;
  readonly label: string;
  readonly format: (t: number) => string;
};

const HEIGHT = 26;
const MIDDLE = 13;
const INSET = 12;

export function Ribbon(props: RibbonProps) {
  const { from, to, bus, axis, marks, label, format } = props;
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const hair = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const [hover, setHover] = useState<{
    readonly x: number;
    readonly top: number;
    readonly text: string;
  } | null>(null);
  const place = (t: number): number =>
    INSET + ((t - from) / (to - from || 1)) * (width - 2 * INSET);

  useEffect(() => {
    if (canvas.current && width > 0) paint(fitCanvas(canvas.current, width, HEIGHT), props, width);
  }, [props, width]);

  useEffect(
    () =>
      bus.listen((at) => {
        const line = hair.current;
        if (!line) return;
        const inside = at?.axis === axis && at.x >= from && at.x <= to;
        line.hidden = !inside;
        if (inside)
          line.style.transform = `translateX(${INSET + ((at.x - from) / (to - from || 1)) * (width - 2 * INSET)}px)`;
      }),
    [bus, axis, from, to, width],
  );

  const move = (clientX: number): void => {
    const x = clientX - (host.current?.getBoundingClientRect().left ?? 0);
    const t = from + ((x - INSET) / (width - 2 * INSET)) * (to - from);
    bus.set({ axis, x: t });
    const near = marks.filter((mark) => Math.abs(place(mark.t) - x) < 5);
    const words =
      near.length > 4
        ? [...near.slice(0, 4).map((mark) => mark.text), "…"]
        : near.map((mark) => mark.text);
    setHover({
      x: clientX,
      top: (host.current?.getBoundingClientRect().bottom ?? 0) + 2,
      text: [format(t), ...new Set(words)].join("\n"),
    });
  };

  return (
    <div
      ref={host}
      className={s.ribbon}
      role="img"
      aria-label={label}
      onPointerMove={(event) => move(event.clientX)}
      onPointerLeave={() => {
        bus.set(null);
        setHover(null);
      }}
    >
      <canvas ref={canvas} />
      <div
        ref={hair}
        hidden
        style={{
          position: "absolute",
          top: 0,
          bottom: 0,
          left: 0,
          width: 1,
          background: "var(--ink-3)",
        }}
      />
      {hover && (
        <div
          className={s.tooltip}
          style={{
            transform: `translate(${hover.x}px, ${hover.top}px)${hover.x > innerWidth * 0.7 ? " translateX(-100%)" : ""}`,
            whiteSpace: "pre-line",
          }}
        >
          {hover.text}
        </div>
      )}
    </div>
  );
}

function tone(theme: ChartTheme, name: RibbonMark["tone"]): string {
  return { ink: theme.inkSecond, failed: theme.failed, stale: theme.stale, running: theme.running }[
    name
  ];
}

function paint(
  context: CanvasRenderingContext2D,
  { from, to, live, marks, bursts, theme }: RibbonProps,
  width: number,
): void {
  const place = (t: number): number =>
    INSET + ((t - from) / (to - from || 1)) * (width - 2 * INSET);
  context.strokeStyle = theme.ruleStrong;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(INSET, MIDDLE + 0.5);
  context.lineTo(width - INSET, MIDDLE + 0.5);
  context.stroke();
  context.fillStyle = theme.failed;
  for (const { t0, t1, share } of bursts) {
    if (share <= 0) continue;
    const tall = 2 + share * 7;
    context.fillRect(place(t0), MIDDLE - tall, Math.max(place(t1) - place(t0) - 0.5, 1.5), tall);
  }
  for (const mark of marks) drawMark(context, mark, place(mark.t), tone(theme, mark.tone));
  if (!live) return;
  context.beginPath();
  context.arc(width - INSET, MIDDLE + 0.5, 3, 0, Math.PI * 2);
  context.fillStyle = theme.ground;
  context.fill();
  context.strokeStyle = theme.running;
  context.lineWidth = 1.5;
  context.stroke();
}

function drawMark(
  context: CanvasRenderingContext2D,
  { shape }: RibbonMark,
  at: number,
  colour: string,
): void {
  const x = crisp(at - 0.5);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = shape === "cross" ? 1.75 : 1;
  context.beginPath();
  if (shape === "triangle") {
    context.moveTo(x, MIDDLE - 8);
    context.lineTo(x + 4, MIDDLE - 1);
    context.lineTo(x - 4, MIDDLE - 1);
    context.closePath();
    context.fill();
    return;
  }
  if (shape === "cross") {
    context.moveTo(x - 3.5, MIDDLE - 3);
    context.lineTo(x + 3.5, MIDDLE + 4);
    context.moveTo(x + 3.5, MIDDLE - 3);
    context.lineTo(x - 3.5, MIDDLE + 4);
  } else {
    const [up, down] = shape === "start" ? [7, 7] : shape === "notch" ? [0, 8] : [5, 0];
    context.moveTo(x, MIDDLE - up);
    context.lineTo(x, MIDDLE + 1 + down);
  }
  context.stroke();
}
