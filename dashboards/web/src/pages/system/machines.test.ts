import { expect, test } from "vitest";
import type { Machine } from "../../api/types";
import { parseFilter } from "../../data/filter";
import { contrast } from "../../data/palette";
import { cardsOf, livingOn, paintOf, pastKeys, ratioOf, scaleOf, shapeOf } from "./machines";

const ROW = {
  cpu_percent: 12,
  "gpu.10.utilization_percent": 5,
  "gpu.2.utilization_percent": 97,
  "gpu.2.memory_used_bytes": 20e9,
  "gpu.2.memory_total_bytes": 80e9,
  "gpu.2.power_watts": 612.4,
  "gpu.2.power_limit_watts": 700,
  "gpu.2.temperature_celsius": null,
  "gpu.0.mig.1.memory_percent": 50,
  "gpu.3.fan_percent": 30,
  "amd.0.power_watts": 751,
};
const machine = (node: string): Machine => ({
  node,
  status: "up",
  runs: 1,
  last_seen: null,
  metrics: {},
});

test("cards come in the order of their indices, with what they do not tell as null", () => {
  const cards = cardsOf(ROW);
  expect(cards.map(({ name }) => name)).toEqual(["AMD 0", "GPU 0 MIG 1", "GPU 2", "GPU 10"]);
  expect(cards[2]?.now).toEqual({ load: 97, memory: 25, temperature: null, power: 612.4 });
  expect(cardsOf({ cpu_percent: 3 })).toEqual([]);
});

test("all cards share one scale, and watts end at the highest limit", () => {
  const cards = cardsOf(ROW);
  expect(scaleOf("load", cards)).toEqual([0, 100]);
  expect(scaleOf("power", cards)).toEqual([0, 800]);
  expect(
    scaleOf("power", cardsOf({ "gpu.2.power_watts": 60, "gpu.2.power_limit_watts": 700 })),
  ).toEqual([0, 700]);
  expect(scaleOf("power", [])).toEqual([0, 100]);
  expect(ratioOf(120, [20, 100])).toBe(1);
  expect(ratioOf(60, [20, 100])).toBe(0.5);
});

test("a number can be read on every colour", () => {
  for (const ground of ["light", "dark"] as const) {
    for (let ratio = 0; ratio <= 1; ratio += 0.01) {
      const { fill, ink } = paintOf(ratio, ground);
      expect(contrast(fill, ink)).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test("the past of each card is asked for once", () => {
  const [one, two] = [machine("a"), machine("b")].map((each) => ({
    machine: each,
    cards: cardsOf({ "gpu.0.power_watts": 1, "gpu.1.power_watts": 1 }),
  }));
  expect(pastKeys(one && two ? [one, two] : [], "temperature")).toEqual([
    "cpu_percent",
    "memory_percent",
    "gpu.0.temperature_celsius",
    "gpu.1.temperature_celsius",
  ]);
});

test("a strip keeps extremes, breaks where samples are missing, and shows a lonely one", () => {
  const x = [0, 16, 32, 400, 800, 816];
  const mean = [50, 50, 0, 100, 50, 50];
  const shape = shapeOf({ x, mean, lo: [0, ...mean.slice(1)], hi: mean }, [0, 1000], [0, 100]);
  expect(shape.line).toBe("M0.0 10.0L1.6 10.0L3.2 20.0h0M40.0 0.0h0M80.0 10.0L81.6 10.0h0");
  expect(shape.band).toMatch(
    /^M0\.0 10\.0L1\.6 10\.0L3\.2 20\.0L3\.2 20\.0L1\.6 10\.0L0\.0 20\.0Z/u,
  );
  expect(shape.reach).toEqual([0, 100]);
  expect(shapeOf({ x: [], mean: [], lo: [], hi: [] }, [0, 1], [0, 1])).toEqual({
    line: "",
    band: "",
    reach: null,
  });
});

test("a filter names the host, whatever it is called", () => {
  for (const host of ["node-1", "it's", 'a"b', "and or"]) {
    expect(parseFilter(livingOn(host)).error).toBeNull();
    expect(JSON.stringify(parseFilter(livingOn(host)).filter)).toContain(JSON.stringify(host));
  }
});
