/** React's handle on one line chart: it passes models down and pointer news up. */

import "uplot/dist/uPlot.min.css";
import { type RefObject, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { Range } from "../data/columns";
import { formatDuration, formatMetric } from "../data/format";
import { formatStamp } from "../data/time";
import type { XKind } from "./axes";
import s from "./charts.module.css";
import type { CursorBus } from "./cursorBus";
import { type Found, LinePlot } from "./linePlot";
import type { PlotModel } from "./model";
import { attachPointer } from "./pointer";
import { Tooltip } from "./Tooltip";
import type { ChartTheme } from "./theme";

export type ChartHandle = { readonly picture: (title: string) => HTMLCanvasElement | null };

export type LineChartProps = {
  readonly model: PlotModel;
  readonly theme: ChartTheme;
  readonly bus: CursorBus;
  /** Charts with equal axis names share cursor and zoom. */
  readonly axis: string;
  /** What x is called in the tooltip: "step", "time". */
  readonly xName: string;
  readonly more: (count: number) => string;
  readonly onZoom: (range: Range | null) => void;
  readonly onFocus: (id: string | null) => void;
  readonly onPick?: (x: number) => void;
  readonly handle?: RefObject<ChartHandle | null>;
};

type Hover = {
  readonly x: number;
  readonly left: number;
  readonly top: number;
  readonly flip: boolean;
  readonly found: readonly Found[];
};

function xText(kind: XKind, x: number): string {
  if (kind === "time") return formatStamp(x * 1000);
  return kind === "duration"
    ? formatDuration(x)
    : formatMetric(Math.abs(x) >= 1000 ? Math.round(x) : x);
}

/** Closer to the right edge than this, the tooltip stands left of the pointer. */
const TOOLTIP_ROOM = 360;

/** As near to the pointer as the window's height allows. */
function tooltipTop({ top, found }: Hover): number {
  const height = 30 + Math.min(found.length, 13) * 17;
  return Math.max(Math.min(top - 20, innerHeight - height - 8), 8);
}

/** The line whose point is nearest in height, within reach of the pointer. */
function nearestLine(found: readonly Found[], y: number): string | null {
  let best: string | null = null;
  let distance = 26;
  for (const item of found) {
    const away = Math.abs(item.y - y);
    if (away < distance) {
      distance = away;
      best = item.line.id;
    }
  }
  return best;
}

export function LineChart(props: LineChartProps) {
  const { model, theme, bus, axis, xName, more, onZoom, onFocus, onPick, handle } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<LinePlot | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  // The plot outlives many renders; its handlers must see the newest props.
  const latest = useRef({ model, onZoom, onFocus, onPick });
  latest.current = { model, onZoom, onFocus, onPick };

  useImperativeHandle(
    handle,
    () => ({ picture: (title) => plot.current?.toPicture(title) ?? null }),
    [],
  );

  const kind = `${model.logX}|${model.logY}|${model.xKind}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `kind` stands for what a plot cannot change afterwards
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const made = new LinePlot(element, bus, axis, theme, latest.current.model);
    plot.current = made;
    const detach = attachPointer(made, {
      hover: (at) => {
        bus.set(at && { axis, x: at.x });
        const found = at ? made.find(at.x) : [];
        latest.current.onFocus(at ? nearestLine(found, at.top + made.plane().top) : null);
        if (!at) return setHover(null);
        const box = made.surface.getBoundingClientRect();
        const left = box.left + at.left;
        setHover({
          x: at.x,
          left,
          top: box.top + at.top,
          flip: left > innerWidth - TOOLTIP_ROOM,
          found,
        });
      },
      zoom: (range) => latest.current.onZoom(range),
      pick: (x) => latest.current.onPick?.(x),
    });
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    // Text measured before the fonts arrive is set in another face.
    if (document.fonts.status !== "loaded")
      void document.fonts.ready.then(() => plot.current?.redraw());
    return () => {
      observer.disconnect();
      detach();
      made.destroy();
      plot.current = null;
    };
  }, [bus, axis, theme, kind]);

  useEffect(() => plot.current?.update(model), [model]);

  return (
    <div ref={host} className={s.chart}>
      {hover && hover.found.length > 0 && (
        <Tooltip
          left={hover.left + (hover.flip ? -14 : 14)}
          top={tooltipTop(hover)}
          flip={hover.flip}
          heading={`${xName} ${xText(model.xKind, hover.x)}`}
          found={hover.found}
          focus={model.focus}
          more={more}
          format={model.formatY ?? formatMetric}
        />
      )}
    </div>
  );
}
