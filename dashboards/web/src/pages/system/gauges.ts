/** Which charts the machine's numbers make: what belongs together, in which unit, on which scale. */

import { type Formatter, formatBytes, formatMetric } from "../../data/format";
import type { Texts } from "../../locales/useText";

/** `rate` and `each` are counters shown per second: bytes, and anything else. `flow` is a rate already. */
export type Unit =
  | "percent"
  | "bytes"
  | "rate"
  | "flow"
  | "each"
  | "celsius"
  | "watts"
  | "mhz"
  | "count";
export type Group =
  | "gpu"
  | "container"
  | "cpu"
  | "memory"
  | "disk"
  | "network"
  | "pressure"
  | "process";

export type Gauge = {
  readonly id: string;
  readonly title: string;
  readonly group: Group;
  readonly unit: Unit;
  readonly lines: readonly { readonly key: string; readonly label: string }[];
};

type Names = Texts["system"]["names"];
type Quantity = keyof Texts["system"]["quantities"];
type Known = {
  readonly keys: readonly (keyof Names)[];
  readonly group: Group;
  readonly unit: Unit;
};

/** Counters of both directions stand in one chart: they are read against each other. */
const KNOWN: readonly Known[] = [
  { keys: ["cpu_percent"], group: "cpu", unit: "percent" },
  { keys: ["load_1m", "load_5m", "load_15m"], group: "cpu", unit: "count" },
  { keys: ["tasks_running"], group: "cpu", unit: "count" },
  { keys: ["cpu_frequency_mhz"], group: "cpu", unit: "mhz" },
  { keys: ["cpu_temperature_celsius"], group: "cpu", unit: "celsius" },
  {
    keys: ["container_cpu_percent", "container_memory_percent"],
    group: "container",
    unit: "percent",
  },
  {
    keys: ["container_memory_used_bytes", "container_memory_limit_bytes"],
    group: "container",
    unit: "bytes",
  },
  { keys: ["container_cpu_throttled_seconds"], group: "container", unit: "each" },
  { keys: ["memory_percent", "swap_percent"], group: "memory", unit: "percent" },
  { keys: ["memory_used_bytes"], group: "memory", unit: "bytes" },
  { keys: ["swap_in_bytes", "swap_out_bytes"], group: "memory", unit: "rate" },
  { keys: ["disk_usage"], group: "disk", unit: "percent" },
  { keys: ["disk_read_bytes", "disk_write_bytes"], group: "disk", unit: "rate" },
  { keys: ["disk_read_operations", "disk_write_operations"], group: "disk", unit: "each" },
  { keys: ["disk_temperature_celsius"], group: "disk", unit: "celsius" },
  { keys: ["net_received_bytes", "net_sent_bytes"], group: "network", unit: "rate" },
  { keys: ["rdma_received_bytes", "rdma_sent_bytes"], group: "network", unit: "rate" },
  { keys: ["net_errors", "net_dropped"], group: "network", unit: "each" },
  { keys: ["net_tcp_connections"], group: "network", unit: "count" },
  {
    keys: ["pressure_cpu_percent", "pressure_memory_percent", "pressure_io_percent"],
    group: "pressure",
    unit: "percent",
  },
  {
    keys: ["pressure_memory_full_percent", "pressure_io_full_percent"],
    group: "pressure",
    unit: "percent",
  },
  { keys: ["process_cpu_percent", "process_tree_cpu_percent"], group: "process", unit: "percent" },
  { keys: ["process_rss_bytes", "process_tree_rss_bytes"], group: "process", unit: "bytes" },
  {
    keys: ["process_tree_read_bytes", "process_tree_write_bytes"],
    group: "process",
    unit: "rate",
  },
  { keys: ["process_tree_count"], group: "process", unit: "count" },
  { keys: ["process_threads", "process_tree_threads"], group: "process", unit: "count" },
  { keys: ["process_open_fds", "process_tree_open_fds"], group: "process", unit: "count" },
];

/** Kind, device and quantity; a divided card has devices such as `0.mig.1`. */
export const DEVICE = /^([a-z][a-z0-9_]*)\.(\d+(?:\.mig\.\d+)?)\.(\w+)$/u;

/** What is shown of an accelerator, what tells most first. */
const QUANTITIES: ReadonlyMap<string, Unit> = new Map<Quantity, Unit>([
  ["utilization_percent", "percent"],
  ["memory_used_bytes", "bytes"],
  ["process_memory_used_bytes", "bytes"],
  ["power_watts", "watts"],
  ["temperature_celsius", "celsius"],
  ["hotspot_temperature_celsius", "celsius"],
  ["memory_temperature_celsius", "celsius"],
  ["sm_clock_mhz", "mhz"],
  ["core_clock_mhz", "mhz"],
  ["memory_clock_mhz", "mhz"],
  ["throttled_by_power", "count"],
  ["throttled_by_heat", "count"],
  ["nvlink_tx_bytes", "rate"],
  ["nvlink_rx_bytes", "rate"],
  ["nvlink_errors", "count"],
  ["pcie_tx_bytes", "rate"],
  ["pcie_rx_bytes", "rate"],
  ["pcie_tx_bytes_per_s", "flow"],
  ["pcie_rx_bytes_per_s", "flow"],
  ["pcie_replays", "count"],
  ["memory_busy_percent", "percent"],
  ["encoder_percent", "percent"],
  ["decoder_percent", "percent"],
  ["fan_percent", "percent"],
  ["ecc_corrected_errors", "count"],
  ["ecc_uncorrected_errors", "count"],
  ["pcie_generation", "count"],
  ["pcie_width", "count"],
  ["processes", "count"],
]);
const isQuantity = (name: string): name is Quantity => QUANTITIES.has(name);

export function deviceName(kind: string, device: string): string {
  return `${kind.toUpperCase()} ${device.replace(".mig.", " MIG ")}`;
}

/** One chart per quantity, one line per device. */
function deviceGauges(
  keys: readonly string[],
  texts: Texts["system"]["quantities"],
): readonly Gauge[] {
  const byName = new Map<Quantity, { key: string; label: string }[]>();
  for (const key of keys) {
    const [, kind, device, name] = DEVICE.exec(key) ?? [];
    if (kind === undefined || device === undefined || !name || !isQuantity(name)) continue;
    const lines = byName.get(name) ?? [];
    byName.set(name, lines);
    lines.push({ key, label: deviceName(kind, device) });
  }
  return [...QUANTITIES].flatMap<Gauge>(([name, unit]) => {
    const lines = isQuantity(name) ? byName.get(name) : undefined;
    if (!(isQuantity(name) && lines)) return [];
    return [{ id: `gpu.${name}`, title: texts[name], group: "gpu", unit, lines }];
  });
}

export function gaugesOf(
  keys: readonly string[],
  { names, quantities }: Pick<Texts["system"], "names" | "quantities">,
): readonly Gauge[] {
  const present = new Set(keys);
  const known = KNOWN.flatMap<Gauge>(({ keys: wanted, group, unit }) => {
    const lines = wanted
      .filter((key) => present.has(key))
      .map((key) => ({ key, label: names[key] }));
    const title = lines.map(({ label }) => label).join(" / ");
    return lines.length === 0 ? [] : [{ id: wanted[0] ?? "", title, group, unit, lines }];
  });
  return [...known, ...deviceGauges(keys, quantities)];
}

export const GROUPS: readonly Group[] = [
  "gpu",
  "process",
  "container",
  "cpu",
  "memory",
  "disk",
  "network",
  "pressure",
];

/** How values of a unit are written; undefined leaves plain numbers to the chart. */
export function formatUnit(unit: Unit): Formatter | undefined {
  switch (unit) {
    case "bytes":
      return formatBytes;
    case "rate":
    case "flow":
      return (value, digits) => `${formatBytes(value, digits)}/s`;
    case "each":
      return (value) => `${formatMetric(value)}/s`;
    case "mhz":
      return (value) => `${formatMetric(Math.round(value))} MHz`;
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
