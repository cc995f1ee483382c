/** What lies over an axis: dragging brushes a part of it, and two thumbs do so by keyboard. */

import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { type Axis, shareOf, tellSpan, unitAt } from "../data/axis";
import type { Range } from "../data/columns";
import s from "./charts.module.css";

/** A pointer that moved less than this has clicked. */
const STILL = 3;
const PER_KEY = 0.04;

/** What the thumbs of an axis are called. */
export type EndTexts = {
  readonly low: (name: string) => string;
  readonly high: (name: string) => string;
};

type AxisBrushProps = {
  readonly axis: Axis;
  readonly name: string;
  readonly range: Range | null;
  /** Where the axis stands, and how long it is, in CSS pixels. */
  readonly left: number;
  readonly top: number;
  readonly length: number;
  readonly ends: EndTexts;
  readonly onBrush: (range: Range | null) => void;
};

type End = "low" | "high";

/** A range that is drawn up or down; of names it holds whole ones. */
function between(axis: Axis, one: number, other: number): Range | null {
  const [low, high] = [Math.min(one, other), Math.max(one, other)].map((share) =>
    unitAt(axis, Math.min(Math.max(share, 0), 1)),
  ) as [number, number];
  const range: Range =
    axis.kind === "names"
      ? [
          Math.max(Math.round(low), 0) - 0.5,
          Math.min(Math.round(high), axis.names.length - 1) + 0.5,
        ]
      : [low, high];
  return range[0] <= axis.low && range[1] >= axis.high ? null : range;
}

export function AxisBrush(props: AxisBrushProps) {
  const { axis, name, range, left, top, length, ends, onBrush } = props;
  const anchor = useRef<{ readonly share: number; readonly y: number } | null>(null);
  const [low, up] = range ? [shareOf(axis, range[0]), shareOf(axis, range[1])] : [0, 1];
  const step = axis.kind === "names" ? 1 / axis.names.length : PER_KEY;
  // A brush over names ends between two of them: each end is told by the middle of the last one.
  const inset = axis.kind === "names" ? step / 2 : 0;
  const [from, upTo] = [low + inset, up - inset];
  const shareAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return 1 - (event.clientY - box.top) / length;
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const end = event.target instanceof HTMLElement ? event.target.dataset["end"] : undefined;
    const share = end === "low" ? upTo : end === "high" ? from : shareAt(event);
    anchor.current = { share, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (!anchor.current || event.buttons !== 1) return;
    event.stopPropagation();
    if (Math.abs(event.clientY - anchor.current.y) > STILL)
      onBrush(between(axis, anchor.current.share, shareAt(event)));
  };
  const onPointerUp = (event: PointerEvent): void => {
    const clicked = anchor.current && Math.abs(event.clientY - anchor.current.y) <= STILL;
    if (clicked && !(event.target as HTMLElement).dataset["end"]) onBrush(null);
    anchor.current = null;
  };
  const onKeyDown = (event: KeyboardEvent, end: End): void => {
    const moves: Record<string, number> = { ArrowUp: step, ArrowDown: -step, Home: -1, End: 1 };
    const move = moves[event.key];
    if (event.key === "Escape") onBrush(null);
    if (move === undefined) return;
    event.preventDefault();
    if (end === "low") onBrush(between(axis, Math.min(from + move, upTo), upTo));
    else onBrush(between(axis, from, Math.max(upTo + move, from)));
  };
  return (
    <div
      className={s.axisStrip}
      style={{ left, top, height: length }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
    >
      {range && (
        <span
          className={s.axisSpan}
          style={{ top: (1 - up) * length, height: (up - low) * length }}
        />
      )}
      {(["high", "low"] as const).map((end) => {
        const share = end === "low" ? low : up;
        return (
          <div
            key={end}
            className={s.axisEnd}
            style={{ top: (1 - share) * length }}
            role="slider"
            tabIndex={0}
            data-end={end}
            aria-orientation="vertical"
            aria-label={ends[end](name)}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
            aria-valuetext={tellSpan(axis, range ?? [axis.low, axis.high])}
            onKeyDown={(event) => onKeyDown(event, end)}
          />
        );
      })}
    </div>
  );
}
