/** Load per core over time: a row per core, brighter or darker as it works. */

import { useMemo } from "react";
import { clockTick } from "../../charts/axes";
import { Heatmap } from "../../charts/Heatmap";
import { useLook } from "../../components/ChartTheme";
import { useText } from "../../locales/useText";

export type CoreSample = { readonly t: number; readonly load: readonly number[] };

export function CoreHeat({ samples }: { readonly samples: readonly CoreSample[] }) {
  const t = useText().system;
  const { ground } = useLook();
  const cores = Math.max(0, ...samples.map(({ load }) => load.length));
  const values = useMemo(() => samples.map(({ load }) => [...load].reverse()), [samples]);
  const [first, last] = [samples[0], samples.at(-1)];
  if (cores === 0 || !first || !last) return null;
  const every = Math.ceil(cores / 8);
  const yLabels = Array.from({ length: cores }, (_, core) => core)
    .filter((core) => core % every === 0)
    .map((core) => ({ at: 1 - (core + 0.5) / cores, text: String(core) }));
  const span = last.t - first.t;
  const xLabels = [0, 0.25, 0.5, 0.75, 1].map((at) => ({
    at,
    text: clockTick(first.t + at * span, span > 86_400 ? 3600 : span > 600 ? 60 : 1),
  }));
  return (
    <Heatmap
      values={values}
      rows={cores}
      peak={100}
      solid
      height={Math.min(Math.max(cores * 11, 24), 200)}
      xLabels={xLabels}
      yLabels={yLabels}
      label={t.perCoreLabel(cores)}
      dark={ground === "dark"}
    />
  );
}
