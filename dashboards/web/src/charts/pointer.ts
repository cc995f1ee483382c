/** Pointer on a plot: hover moves the shared cursor, drag zooms x, Shift drag zooms y. */

import type { Range } from "../data/columns";
import type { LinePlot } from "./linePlot";

export type PointerHandlers = {
  readonly hover: (
    at: { readonly x: number; readonly left: number; readonly top: number } | null,
  ) => void;
  readonly zoom: (range: Range | null) => void;
  readonly pick: (x: number) => void;
};

/** A shorter drag is a click with a trembling hand. */
const DRAG_PIXELS = 5;

type Drag = { readonly left: number; readonly top: number; readonly vertical: boolean };

export function attachPointer(plot: LinePlot, handlers: PointerHandlers): () => void {
  const surface = plot.surface;
  const band = document.createElement("div");
  let drag: Drag | null = null;
  const stop = new AbortController();
  const { signal } = stop;

  const place = (event: PointerEvent): readonly [number, number] => {
    const box = surface.getBoundingClientRect();
    const inside = (value: number, size: number): number => Math.min(Math.max(value, 0), size);
    return [
      inside(event.clientX - box.left, box.width),
      inside(event.clientY - box.top, box.height),
    ];
  };

  const showBand = (from: Drag, left: number, top: number): void => {
    const { style } = band;
    style.left = `${from.vertical ? 0 : Math.min(from.left, left)}px`;
    style.top = `${from.vertical ? Math.min(from.top, top) : 0}px`;
    style.width = from.vertical ? "100%" : `${Math.abs(left - from.left)}px`;
    style.height = from.vertical ? `${Math.abs(top - from.top)}px` : "100%";
    if (!band.isConnected) surface.append(band);
  };

  const finish = (from: Drag, left: number, top: number): void => {
    const length = from.vertical ? Math.abs(top - from.top) : Math.abs(left - from.left);
    const [x0, y0] = plot.valueAt(Math.min(from.left, left), Math.max(from.top, top));
    const [x1, y1] = plot.valueAt(Math.max(from.left, left), Math.min(from.top, top));
    if (length < DRAG_PIXELS) handlers.pick(x0);
    else if (from.vertical) plot.zoomY([y0, y1]);
    else handlers.zoom([x0, x1]);
  };

  band.style.cssText =
    "position:absolute;pointer-events:none;background:color-mix(in srgb, var(--ink) 8%, transparent);outline:1px solid var(--ink-3)";
  surface.style.cursor = "crosshair";
  surface.style.touchAction = "pan-y";
  surface.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      const [left, top] = place(event);
      drag = { left, top, vertical: event.shiftKey };
      // A pointer that has already left (a synthetic one, a lost touch) cannot be captured.
      if (event.isTrusted) surface.setPointerCapture(event.pointerId);
      event.preventDefault();
    },
    { signal },
  );
  surface.addEventListener(
    "pointermove",
    (event) => {
      const [left, top] = place(event);
      if (drag) showBand(drag, left, top);
      handlers.hover({ x: plot.valueAt(left, top)[0], left, top });
    },
    { signal },
  );
  surface.addEventListener(
    "pointerup",
    (event) => {
      band.remove();
      if (drag) finish(drag, ...place(event));
      drag = null;
    },
    { signal },
  );
  surface.addEventListener(
    "pointercancel",
    () => {
      band.remove();
      drag = null;
    },
    { signal },
  );
  surface.addEventListener("pointerleave", () => handlers.hover(null), { signal });
  surface.addEventListener(
    "dblclick",
    () => {
      plot.zoomY(null);
      handlers.zoom(null);
    },
    { signal },
  );
  return () => stop.abort();
}
