/** Lines for charts: the one store of the tab and the hook that reads it. */

import { useCallback, useRef, useSyncExternalStore } from "react";
import { postForFrame } from "../api/client";
import { decodeFrame } from "../api/frame";
import { type Loaded, type Params, SeriesStore, type Unit } from "./seriesStore";

export const seriesStore = new SeriesStore(async (question) =>
  decodeFrame(await postForFrame("series", isSlow() ? { ...question, y: "f32" } : question)),
);

/** Whether the browser says that the link is slow, or that what it carries is dear. */
function isSlow(): boolean {
  const { connection } = navigator as {
    readonly connection?: { readonly effectiveType?: string; readonly saveData?: boolean };
  };
  return connection?.saveData === true || /2g|3g/u.test(connection?.effectiveType ?? "");
}

/** Widths in a few steps only: resizing a window must not fetch every chart again. */
export function stepWidth(pixels: number): number {
  return [128, 256, 512, 1024, 2048].find((width) => width >= pixels) ?? 4096;
}

const NOTHING: readonly Loaded[] = [];

/** The lines of `units`, in their order; empty while `units` is, so that hidden charts load nothing. */
export function useSeries(units: readonly Unit[], params: Params): readonly Loaded[] {
  const { stream, x, range, px, smooth } = params;
  const [x0, x1] = range ?? [null, null];
  const id = JSON.stringify([
    units.map(({ run, key }) => [run, key]),
    stream,
    x,
    x0,
    x1,
    px,
    smooth,
  ]);
  // The identity of the answer must change only when a line does.
  const memory = useRef<{ id: string; loaded: readonly Loaded[] }>({ id: "", loaded: NOTHING });
  const asked = useRef({ units, params });
  if (memory.current.id !== id) asked.current = { units, params };
  const watch = useCallback(
    (listener: () => void) => {
      // `id` says when units and params mean something new.
      void id;
      return seriesStore.watch(asked.current.units, asked.current.params, listener);
    },
    [id],
  );
  const read = useCallback(() => {
    const loaded = asked.current.units.map((unit) => seriesStore.read(unit, asked.current.params));
    const before = memory.current;
    const same =
      before.id === id &&
      before.loaded.length === loaded.length &&
      loaded.every((one, index) => one === before.loaded[index]);
    if (!same) memory.current = { id, loaded };
    return memory.current.loaded;
  }, [id]);
  return useSyncExternalStore(watch, read);
}
