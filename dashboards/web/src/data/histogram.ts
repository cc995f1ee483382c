/** Logged histograms: counts over bin edges, checked before anything draws them. */

export type Histogram = { readonly counts: readonly number[]; readonly edges: readonly number[] };
export type HistogramAt = Histogram & { readonly step: number };

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number");

/** Counts of n bins need n + 1 edges; anything else is not a histogram. */
export function toHistogram(value: unknown): Histogram | null {
  if (typeof value !== "object" || value === null) return null;
  const record = value as Record<string, unknown>;
  const counts = record["values"] ?? record["counts"];
  const edges = record["bins"] ?? record["edges"] ?? packedEdges(record["packedBins"]);
  if (!isNumbers(counts) || !isNumbers(edges)) return null;
  return counts.length > 0 && edges.length === counts.length + 1 ? { counts, edges } : null;
}

/** Even bins may be stored as their start, width and number. */
function packedEdges(packed: unknown): readonly number[] | null {
  if (typeof packed !== "object" || packed === null) return null;
  const { min, size, count } = packed as Record<string, unknown>;
  if (typeof min !== "number" || typeof size !== "number" || typeof count !== "number") return null;
  return Array.from({ length: count + 1 }, (_, index) => min + size * index);
}

export type HistogramBounds = {
  readonly low: number;
  readonly high: number;
  readonly peak: number;
};

/** Common bounds of many histograms; `peak` is the largest density, so that unlike bins compare. */
export function histogramBounds(all: readonly Histogram[]): HistogramBounds {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let peak = 0;
  for (const histogram of all) {
    low = Math.min(low, histogram.edges[0] ?? low);
    high = Math.max(high, histogram.edges.at(-1) ?? high);
    peak = Math.max(peak, ...densities(histogram));
  }
  return low < high ? { low, high, peak } : { low: low - 0.5, high: low + 0.5, peak };
}

/** Share of all samples per unit of x, one number per bin. */
export function densities({ counts, edges }: Histogram): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  return counts.map((count, index) => {
    const width = (edges[index + 1] ?? 0) - (edges[index] ?? 0);
    return width > 0 ? count / total / width : 0;
  });
}
