import { expect, test } from "vitest";
import { en } from "../../locales/en";
import { formatUnit, GROUPS, gaugesOf } from "./gauges";

const KEYS = [
  "cpu_percent",
  "process_rss_bytes",
  "process_tree_rss_bytes",
  "pressure_io_percent",
  "container_memory_percent",
  "gpu.1.power_watts",
  "gpu.0.power_watts",
  "gpu.0.power_limit_watts",
  "gpu.0.nvlink_tx_bytes",
  "gpu.2.mig.1.memory_used_bytes",
  "amd.0.memory_used_bytes",
  "_timestamp",
];

test("what belongs together stands in one chart", () => {
  const gauges = gaugesOf(KEYS, en.system);
  const shown = gauges.map(({ group, unit, lines }) => [group, unit, ...lines.map((l) => l.label)]);
  expect(shown).toEqual([
    ["cpu", "percent", "Load"],
    ["container", "percent", "Memory, of the limit"],
    ["pressure", "percent", "For a disk"],
    ["process", "bytes", "Memory of the run", "With its children"],
    ["gpu", "bytes", "GPU 2 MIG 1", "AMD 0"],
    ["gpu", "watts", "GPU 1", "GPU 0"],
    ["gpu", "rate", "GPU 0"],
  ]);
});

test("every group of a chart is one that pages show", () => {
  for (const { group } of gaugesOf(Object.keys(en.system.names), en.system)) {
    expect(GROUPS).toContain(group);
  }
});

test("units stand where the numbers are", () => {
  expect(formatUnit("each")?.(12)).toBe("12/s");
  expect(formatUnit("mhz")?.(1965.2)).toBe("1,965 MHz");
  expect(formatUnit("flow")?.(12e6)).toBe(formatUnit("rate")?.(12e6));
});
