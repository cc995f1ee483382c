import { expect, test } from "vitest";
import { breakLines, decodeFrame, FrameError } from "./frame";

type Entry = Record<string, unknown>;

/** The documented layout, built independently of the decoder. */
function encode(
  columns: readonly (readonly number[])[],
  describe: (offsets: readonly number[]) => Entry[],
): ArrayBuffer {
  const sizes = columns.map((column) => column.length * 8);
  const offsets = sizes.map((_, index) =>
    sizes.slice(0, index).reduce((sum, size) => sum + size, 0),
  );
  const bare = JSON.stringify({ series: describe(offsets), coverage: 0.5, revs: { "p/a": "r1" } });
  const header = bare.padEnd(Math.ceil(bare.length / 8) * 8);
  const start = 8 + header.length;
  const bytes = new ArrayBuffer(start + sizes.reduce((sum, size) => sum + size, 0));
  new Uint8Array(bytes).set(new TextEncoder().encode(`TLS1    ${header}`));
  new DataView(bytes).setUint32(4, header.length, true);
  columns.forEach((column, index) => {
    new Float64Array(bytes, start + (offsets[index] ?? 0), column.length).set(column);
  });
  return bytes;
}

test("an exact series has x and last only, and shares them as envelope", () => {
  const bytes = encode(
    [
      [1, 2, 3],
      [0.5, 0.25, 0.125],
    ],
    ([x, last]) => [
      { run: "p/a", key: "loss", attempt: 0, n: 3, total: 3, exact: true, x, last, nonfinite: [] },
    ],
  );
  const { series, coverage, revs } = decodeFrame(bytes);
  const columns = series[0]?.columns;
  expect([...(columns?.x ?? [])]).toEqual([1, 2, 3]);
  expect([...(columns?.last ?? [])]).toEqual([0.5, 0.25, 0.125]);
  expect(columns?.hi).toBe(columns?.last);
  expect(coverage).toBe(0.5);
  expect(revs.get("p/a")).toBe("r1");
});

test("columns are views: nothing is copied", () => {
  const bytes = encode([[1], [2]], ([x, last]) => [
    { run: "p/a", key: "k", n: 1, total: 1, exact: true, x, last },
  ]);
  expect(decodeFrame(bytes).series[0]?.columns.x.buffer).toBe(bytes);
});

test("values of 32 bits are read as such, x as ever", () => {
  const packed = new Float64Array(new Float32Array([0.5, 1.5]).buffer)[0] ?? 0;
  const bytes = encode([[2 ** 40, 2 ** 40 + 1], [packed]], ([x, last]) => [
    { run: "p/a", key: "loss", n: 2, total: 2, exact: true, y: "f32", x, last },
  ]);
  const columns = decodeFrame(bytes).series[0]?.columns;
  expect([...(columns?.x ?? [])]).toEqual([2 ** 40, 2 ** 40 + 1]);
  expect([...(columns?.last ?? [])]).toEqual([0.5, 1.5]);
});

test("bucketed series carry their envelope, and two series may share one x", () => {
  const bytes = encode(
    [
      [0, 8],
      [1, 2],
      [0, 1],
      [3, 4],
      [9, 9],
    ],
    ([x, last, lo, hi, other]) => [
      { run: "p/a", key: "a", n: 2, total: 16, exact: false, x, last, lo, hi },
      { run: "p/b", key: "a", n: 2, total: 2, exact: true, x, last: other },
    ],
  );
  const [first, second] = decodeFrame(bytes).series;
  expect([...(first?.columns.hi ?? [])]).toEqual([3, 4]);
  expect(first?.points).toBe(16);
  expect([...(second?.columns.x ?? [])]).toEqual([0, 8]);
});

test("a non-finite value breaks the line where it stands", () => {
  const last = Float64Array.from([1, 2, 3]);
  const x = Float64Array.from([0, 10, 20]);
  const broken = breakLines({
    x,
    last,
    lo: last,
    hi: last,
    exact: true,
    nonfinite: [
      { x: 15, kind: "NaN" },
      { x: 30, kind: "Infinity" },
      { x: 15, kind: "NaN" },
    ],
  });
  expect([...broken.x]).toEqual([0, 10, 15, 20, 30]);
  expect([...broken.last]).toEqual([1, 2, Number.NaN, 3, Number.NaN]);
  expect(broken.lo).toBe(broken.last);
});

test.each([
  ["too short", new ArrayBuffer(4)],
  ["another format", new TextEncoder().encode("PAR1abcdefgh").buffer],
  ["a header beyond the end", new Uint8Array([84, 76, 83, 49, 255, 0, 0, 0]).buffer],
])("%s is refused", (_, bytes) => {
  expect(() => decodeFrame(bytes as ArrayBuffer)).toThrow(FrameError);
});
