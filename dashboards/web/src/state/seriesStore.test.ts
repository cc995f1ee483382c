import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SeriesFrame } from "../api/frame";
import type { Columns } from "../data/columns";
import { type Params, type Question, SeriesStore } from "./seriesStore";

const PARAMS: Params = { stream: "history", x: "step", range: null, px: 512, smooth: "" };

function line(x: number[], y: number[], exact = true): Columns {
  const last = Float64Array.from(y);
  return { x: Float64Array.from(x), last, lo: last, hi: last, exact, nonfinite: [] };
}

function setUp(columns = line([0, 1], [5, 4])) {
  const asked: Question[] = [];
  const answer = async (question: Question): Promise<SeriesFrame> => {
    asked.push(question);
    const pairs = question.runs.flatMap((run) => question.keys.map((key) => ({ run, key })));
    return {
      series: pairs.map((pair) => ({ ...pair, points: 2, columns })),
      coverage: 1,
      revs: new Map(),
    };
  };
  return { asked, store: new SeriesStore(answer, () => Date.now()) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const ignore = (): void => undefined;
const settle = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(1));

test("charts that mount together ask together, in their order", async () => {
  const { asked, store } = setUp();
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore);
  store.watch([{ run: "a", key: "acc" }], PARAMS, ignore);
  await settle();
  expect(asked).toEqual([
    { runs: ["a"], keys: ["loss", "acc"], stream: "history", x: "step", px: 512 },
  ]);
});

test("no request asks for more than two hundred series", async () => {
  const { asked, store } = setUp();
  const units = Array.from({ length: 30 }, (_, run) =>
    Array.from({ length: 25 }, (_, key) => ({ run: `r${run}`, key: `k${key}` })),
  ).flat();
  store.watch(units, PARAMS, ignore);
  await settle();
  expect(Math.max(...asked.map(({ runs, keys }) => runs.length * keys.length))).toBeLessThanOrEqual(
    200,
  );
  expect(asked.reduce((sum, { runs, keys }) => sum + runs.length * keys.length, 0)).toBe(750);
});

test("a partial answer is asked for again until it is whole", async () => {
  const coverages = [0.2, 0.7, 1];
  let asked = 0;
  const columns = line([0, 1], [5, 4], false);
  const store = new SeriesStore(
    async () => ({
      series: [{ run: "a", key: "loss", points: 2, columns }],
      coverage: coverages[asked++] ?? 1,
      revs: new Map(),
    }),
    () => Date.now(),
  );
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore);
  await settle();
  expect(store.read({ run: "a", key: "loss" }, PARAMS).coverage).toBe(0.2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(3);
  expect(store.read({ run: "a", key: "loss" }, PARAMS).coverage).toBe(1);
});

test("a line that is there is not fetched twice", async () => {
  const { asked, store } = setUp();
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore)();
  await settle();
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore);
  await settle();
  expect(asked).toHaveLength(1);
});

test("live rows are appended and the chart hears of it", async () => {
  const { store } = setUp();
  const heard = vi.fn();
  store.watch([{ run: "a", key: "loss" }], PARAMS, heard);
  await settle();
  heard.mockClear();
  store.append(
    "a",
    [
      { _step: 2, loss: 3 },
      { _step: 3, loss: "NaN" },
      { _step: 3, acc: 1 },
    ],
    "r2",
  );
  const { columns } = store.read({ run: "a", key: "loss" }, PARAMS);
  expect([...columns.x]).toEqual([0, 1, 2, 3]);
  expect([...columns.last]).toEqual([5, 4, 3, Number.NaN]);
  expect(columns.nonfinite).toEqual([{ x: 3, kind: "NaN" }]);
  expect(heard).toHaveBeenCalledTimes(1);
  expect(store.revs.get("a")).toBe("r2");
});

test.each([
  ["a rewound step", PARAMS, { _step: 1, loss: 9 }],
  ["a smoothed line", { ...PARAMS, smooth: "ema:0.6" }, { _step: 2, loss: 9 }],
  ["an axis that is a metric", { ...PARAMS, x: "tokens" }, { _step: 2, loss: 9, tokens: 4 }],
])("%s is fetched again", async (_, params, row) => {
  const { asked, store } = setUp();
  store.watch([{ run: "a", key: "loss" }], params, ignore);
  await settle();
  store.append("a", [row], undefined);
  await vi.advanceTimersByTimeAsync(1100);
  expect(asked).toHaveLength(2);
});

test("appended buckets are replaced by the server's own, later", async () => {
  const { asked, store } = setUp(line([0, 1], [5, 4], false));
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore);
  await settle();
  store.append("a", [{ _step: 2, loss: 3 }], undefined);
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(9000);
  expect(asked).toHaveLength(2);
});

test("a chart nobody sees is not refreshed", async () => {
  const { asked, store } = setUp();
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore)();
  await settle();
  store.spoilRun("a");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
});

test("a failed request says why, and a failed refresh keeps the line", async () => {
  let fail = true;
  const answer = async (): Promise<SeriesFrame> => {
    if (fail) throw new Error("disk on fire");
    return {
      series: [{ run: "a", key: "loss", points: 1, columns: line([1], [1]) }],
      coverage: 1,
      revs: new Map(),
    };
  };
  const store = new SeriesStore(answer, () => Date.now());
  store.watch([{ run: "a", key: "loss" }], PARAMS, ignore);
  await settle();
  expect(store.read({ run: "a", key: "loss" }, PARAMS)).toMatchObject({
    state: "error",
    error: "disk on fire",
  });
  fail = false;
  store.spoilRun(null);
  await vi.advanceTimersByTimeAsync(1100);
  fail = true;
  store.spoilRun(null);
  await vi.advanceTimersByTimeAsync(1100);
  expect(store.read({ run: "a", key: "loss" }, PARAMS).state).toBe("ready");
});
