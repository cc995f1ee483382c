/** Which charts the machine's numbers make: what belongs together, in which unit, on which scale. */

import { type Formatter, formatBytes, formatMetric } from "../../data/format";
import type { Texts } from "../../locales/useText";

export type Unit = "percent" | "bytes" | "rate" | "celsius" | "watts" | "load" | "count";
export type Group = "cpu" | "memory" | "disk" | "network" | "process" | "gpu" | "other";

export type Gauge = {
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  readonly unit: Unit;
  readonly lines: readonly { readonly key: string; readonly label: string }[];
};

type Names = Texts["system"]["names"];
type Known = {
  readonly keys: readonly (keyof Names)[];
  readonly group: Group;
  readonly unit: Unit;
};

/** Counters of both directions stand in one chart: they are read against each other. */
const KNOWN: readonly Known[] = [
  { keys: ["cpu_percent"], group: "cpu", unit: "percent" },
  { keys: ["load_1m"], group: "cpu", unit: "load" },
  { keys: ["cpu_temperature_celsius"], group: "cpu", unit: "celsius" },
  { keys: ["memory_percent", "swap_percent"], group: "memory", unit: "percent" },
  { keys: ["memory_used_bytes"], group: "memory", unit: "bytes" },
  { keys: ["disk_usage"], group: "disk", unit: "percent" },
  { keys: ["disk_read_bytes", "disk_write_bytes"], group: "disk", unit: "rate" },
  { keys: ["net_received_bytes", "net_sent_bytes"], group: "network", unit: "rate" },
  { keys: ["process_cpu_percent"], group: "process", unit: "percent" },
  { keys: ["process_rss_bytes"], group: "process", unit: "bytes" },
  { keys: ["process_threads"], group: "process", unit: "count" },
];

const GPU = /^gpu\.(\d+)\.(.+)$/u;
const GPU_HIDDEN = new Set(["memory_total_bytes", "power_limit_watts"]);

function gpuUnit(name: string): Unit {
  if (name.endsWith("_percent")) return "percent";
  if (name.endsWith("_bytes_per_s")) return "rate";
  if (name.endsWith("_bytes")) return "bytes";
  if (name.endsWith("_celsius")) return "celsius";
  return name.endsWith("_watts") ? "watts" : "count";
}

/** One chart per kind of GPU number, one line per GPU. */
function gpuGauges(keys: readonly string[]): readonly Gauge[] {
  const byName = new Map<string, { key: string; label: string }[]>();
  for (const key of keys) {
    const [, index, name] = GPU.exec(key) ?? [];
    if (index === undefined || name === undefined || GPU_HIDDEN.has(name)) continue;
    const lines = byName.get(name) ?? [];
    byName.set(name, lines);
    lines.push({ key, label: `GPU ${index}` });
  }
  return [...byName].map(([name, lines]) => ({
    id: `gpu.${name}`,
    title: name.replace(/_(percent|bytes|celsius|watts|mhz)$/u, "").replaceAll("_", " "),
    group: "gpu",
    unit: gpuUnit(name),
    lines,
  }));
}

export function gaugesOf(keys: readonly string[], names: Names): readonly Gauge[] {
  const present = new Set(keys);
  const known = KNOWN.flatMap<Gauge>(({ keys: wanted, group, unit }) => {
    const lines = wanted
      .filter((key) => present.has(key))
      .map((key) => ({ key, label: names[key] }));
    const title = lines.map(({ label }) => label).join(" / ");
    return lines.length === 0 ? [] : [{ id: wanted[0] ?? "", title, group, unit, lines }];
  });
  return [...known, ...gpuGauges(keys)];
}

export const GROUPS: readonly Group[] = [
  "gpu",
  "cpu",
  "memory",
  "disk",
  "network",
  "process",
  "other",
];

/** How values of a unit are written; undefined leaves plain numbers to the chart. */
export function formatUnit(unit: Unit): Formatter | undefined {
  switch (unit) {
    case "bytes":
      return formatBytes;
    case "rate":
      return (value, digits) => `${formatBytes(value, digits)}/s`;
    case "percent":
      return (value) => `${Number(value.toFixed(1))}%`;
    case "celsius":
      return (value) => `${Number(value.toFixed(1))}\u00b0`;
    case "watts":
      return (value) => `${formatMetric(Math.round(value))} W`;
    default:
      return undefined;
  }
}
