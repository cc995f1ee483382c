/**
 * Binary series frames: `TLS1`, header length, JSON header, then Float64 columns.
 *
 * A column is named by its byte offset from the first column, and begins at a multiple of 8.
 * Columns are views on the received bytes; nothing is copied unless a non-finite value has to
 * break a line, which only the run with that value pays for, or values came short.
 */

import { type Columns, lowerBound, type NonFinite, type NonFiniteKind } from "../data/columns";

export class FrameError extends Error {}

type HeaderSeries = {
  readonly run: string;
  readonly key: string;
  readonly attempt?: number;
  /** Entries in each column. */
  readonly n: number;
  /** Finite points in the range. */
  readonly total: number;
  readonly exact: boolean;
  /** Values of 32 bits, as were asked for; x has 64. */
  readonly y?: "f32";
  readonly x: number;
  readonly last: number;
  readonly lo?: number | null;
  readonly hi?: number | null;
  readonly nonfinite?: readonly { readonly x: number; readonly value: NonFiniteKind }[];
};

type Header = {
  readonly series: readonly HeaderSeries[];
  readonly coverage: number;
  readonly revs: { readonly [run: string]: string };
};

export type Series = {
  readonly run: string;
  readonly key: string;
  /** Finite points in the range, however many of them are drawn. */
  readonly points: number;
  readonly columns: Columns;
};

export type SeriesFrame = {
  readonly series: readonly Series[];
  readonly coverage: number;
  readonly revs: ReadonlyMap<string, string>;
};

const MAGIC = 0x31534c54; // "TLS1" read as a little-endian number
const PREFIX_BYTES = 8;

export function decodeFrame(bytes: ArrayBuffer): SeriesFrame {
  const view = new DataView(bytes);
  if (bytes.byteLength < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new FrameError(`not a series frame: ${bytes.byteLength} bytes`);
  }
  const start = PREFIX_BYTES + view.getUint32(4, true);
  if (start > bytes.byteLength || start % 8 !== 0) {
    throw new FrameError(`the header ends at byte ${start} of ${bytes.byteLength}`);
  }
  const text = new TextDecoder().decode(new Uint8Array(bytes, PREFIX_BYTES, start - PREFIX_BYTES));
  const header = JSON.parse(text) as Header;
  return {
    series: header.series.map((entry) => readSeries(bytes, start, entry)),
    coverage: header.coverage,
    revs: new Map(Object.entries(header.revs)),
  };
}

function readSeries(bytes: ArrayBuffer, start: number, entry: HeaderSeries): Series {
  const column = (offset: number, short: boolean): Float64Array => {
    const place = start + offset;
    if (place % 8 !== 0 || place + entry.n * (short ? 4 : 8) > bytes.byteLength) {
      throw new FrameError(`column of ${entry.key} at byte ${place} does not fit`);
    }
    return short
      ? Float64Array.from(new Float32Array(bytes, place, entry.n))
      : new Float64Array(bytes, place, entry.n);
  };
  const values = (offset: number): Float64Array => column(offset, entry.y === "f32");
  const last = values(entry.last);
  const bare: Columns = {
    x: column(entry.x, false),
    last,
    lo: typeof entry.lo === "number" ? values(entry.lo) : last,
    hi: typeof entry.hi === "number" ? values(entry.hi) : last,
    exact: entry.exact,
    nonfinite: (entry.nonfinite ?? []).map(({ x, value }) => ({ x, kind: value })),
  };
  return { run: entry.run, key: entry.key, points: entry.total, columns: breakLines(bare) };
}

/** Put a NaN point at the x of every non-finite value, so that no line is drawn across it. */
export function breakLines(columns: Columns): Columns {
  if (columns.nonfinite.length === 0) return columns;
  const places = uniqueSorted(columns.nonfinite);
  const insert = (source: Float64Array, fill: (place: number) => number): Float64Array => {
    const target = new Float64Array(source.length + places.length);
    let from = 0;
    places.forEach((place, index) => {
      const upTo = lowerBound(columns.x, place);
      target.set(source.subarray(from, upTo), from + index);
      target[upTo + index] = fill(place);
      from = upTo;
    });
    target.set(source.subarray(from), from + places.length);
    return target;
  };
  const gap = (): number => Number.NaN;
  const last = insert(columns.last, gap);
  return {
    ...columns,
    x: insert(columns.x, (place) => place),
    last,
    lo: columns.lo === columns.last ? last : insert(columns.lo, gap),
    hi: columns.hi === columns.last ? last : insert(columns.hi, gap),
  };
}

function uniqueSorted(nonfinite: readonly NonFinite[]): readonly number[] {
  return [...new Set(nonfinite.map(({ x }) => x))].sort((a, b) => a - b);
}
