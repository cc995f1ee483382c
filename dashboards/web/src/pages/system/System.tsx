/** This machine, live. */

import { useEffect, useMemo, useState } from "react";
import type { HostSample, Values } from "../../api/types";
import { KeyValues } from "../../components/KeyValues";
import type { Columns, Range } from "../../data/columns";
import { toNumber } from "../../data/flatten";
import { formatBytes, formatDuration, formatValue } from "../../data/format";
import { type Texts, useText } from "../../locales/useText";
import { useHost } from "../../state/host";
import { useAccelerators, useMachine, useSelf } from "../../state/queries";
import { Accelerator } from "./Accelerator";
import { CoreHeat, type CoreSample } from "./CoreHeat";
import { GaugeGroups } from "./GaugeGroups";
import { GaugePanel } from "./GaugePanel";
import { type Gauge, gaugesOf } from "./gauges";
import { Machines } from "./Machines";
import s from "./system.module.css";

export function System() {
  const t = useText();
  const samples = useHost();
  useEffect(() => {
    document.title = `${t.nav.system} – TrackLab`;
  }, [t]);
  return (
    <div className={s.page}>
      <div className={s.main}>
        <Machines />
        <div className={s.heading}>
          <h1>{t.system.host}</h1>
          <small>{t.system.live}</small>
        </div>
        {samples.length < 1 ? (
          <p className={s.wait}>{t.system.waiting}</p>
        ) : (
          <Strips samples={samples} />
        )}
      </div>
      <div className={s.side}>
        <Side />
      </div>
    </div>
  );
}

const timeOf = (sample: HostSample): number =>
  sample.timestamp === undefined ? Number.NaN : Date.parse(sample.timestamp) / 1000;

function toColumns(samples: readonly HostSample[], key: string): Columns {
  const x = Float64Array.from(samples, timeOf);
  const last = Float64Array.from(samples, (sample) => toNumber(sample[key]) ?? Number.NaN);
  return { x, last, lo: last, hi: last, exact: true, nonfinite: [] };
}

/** The strips fill from the right, like a recorder, over two minutes at first and a quarter of an hour at last. */
const WINDOW_S = { least: 120, most: 900 };

function Strips({ samples }: { readonly samples: readonly HostSample[] }) {
  const t = useText();
  const [zoom, setZoom] = useState<Range | null>(null);
  const newest = samples.at(-1);
  const end = newest ? timeOf(newest) : 0;
  const span = end - (samples[0] ? timeOf(samples[0]) : end);
  const shown = Math.min(Math.max(span, WINDOW_S.least), WINDOW_S.most);
  const recent = useMemo<Range>(() => [end - shown, end], [end, shown]);
  const names = Object.keys(newest ?? {})
    .filter((key) => toNumber(newest?.[key]) !== undefined && !key.startsWith("process_"))
    .join("\n");
  const gauges = useMemo(() => gaugesOf(names.split("\n"), t.system), [names, t]);
  const cores = useMemo(
    () =>
      samples.flatMap<CoreSample>((sample) => {
        const load = sample["cpu_percent_per_core"];
        return Array.isArray(load) ? [{ t: timeOf(sample), load: load.map(Number) }] : [];
      }),
    [samples],
  );
  return (
    <>
      <GaugeGroups gauges={gauges}>
        {(gauge) => (
          <HostGauge gauge={gauge} samples={samples} zoom={zoom ?? recent} onZoom={setZoom} />
        )}
      </GaugeGroups>
      {cores.length > 1 && (
        <section className={s.heat}>
          <h2>{t.system.perCore}</h2>
          <CoreHeat samples={cores} />
        </section>
      )}
    </>
  );
}

type HostGaugeProps = {
  readonly gauge: Gauge;
  readonly samples: readonly HostSample[];
  readonly zoom: Range | null;
  readonly onZoom: (range: Range | null) => void;
};

function HostGauge({ gauge, samples, zoom, onZoom }: HostGaugeProps) {
  const columns = useMemo(
    () => gauge.lines.map(({ key }) => toColumns(samples, key)),
    [gauge, samples],
  );
  return (
    <GaugePanel
      gauge={gauge}
      columns={columns}
      axis="time"
      xName=""
      zoom={zoom}
      loading={false}
      onZoom={onZoom}
    />
  );
}

type FactName = keyof Texts["system"]["facts"];

function factEntries(
  values: Values | undefined,
  names: readonly FactName[],
  t: Texts["system"]["facts"],
): readonly (readonly [string, string])[] {
  return names.flatMap((name) => {
    const value = values?.[name];
    return value === undefined || value === null ? [] : [[t[name], factText(name, value)] as const];
  });
}

function factText(name: FactName, value: unknown): string {
  if (name === "rss_bytes") return formatBytes(Number(value));
  if (name === "uptime_s") return formatDuration(Math.round(Number(value)));
  if (name === "memory_gb") return `${Number(Number(value).toPrecision(3))} GB`;
  return formatValue(value);
}

function Side() {
  const t = useText().system;
  const machine = useMachine();
  const self = useSelf();
  const accelerators = useAccelerators();
  const cards = accelerators.data?.accelerators ?? [];
  return (
    <>
      <h2>{t.host}</h2>
      <KeyValues
        entries={factEntries(
          machine.data,
          ["hostname", "platform", "cpu_model", "cpu_count", "memory_gb", "python_version"],
          t.facts,
        )}
      />
      <h2>{t.accelerators}</h2>
      {accelerators.isSuccess && cards.length === 0 && <p>{t.noAccelerators}</p>}
      {cards.map((card) => (
        <Accelerator key={`${card.kind}.${card.index}`} card={card} />
      ))}
      <h2>{t.server}</h2>
      <KeyValues
        entries={factEntries(
          self.data,
          ["version", "root", "pid", "rss_bytes", "uptime_s", "clients"],
          t.facts,
        )}
      />
    </>
  );
}
