/** Fails when the bundle outgrows its budget: entry 220 KB, page 60 KB (gzip), all files 4 MB. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1000;
const ENTRY_BUDGET = 220 * KB;
const CHUNK_BUDGET = 60 * KB;
/** Chunks of one large library each, fetched only where it is used. */
const LIBRARY_BUDGETS: ReadonlyMap<string, number> = new Map([["vegaView", 300 * KB]]);
const TOTAL_BUDGET = 4000 * KB;

const folder = join(import.meta.dirname, "../../../tracklab/server/static");
const html = readFileSync(join(folder, "index.html"), "utf8");
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

const gzipBytes = (path: string): number => gzipSync(readFileSync(path)).length;
const name = (path: string): string => path.slice(folder.length + 1);
const problems: string[] = [];
const report = (label: string, bytes: number, budget: number): void => {
  const line = `${label.padEnd(44)} ${(bytes / KB).toFixed(1).padStart(8)} / ${(budget / KB).toFixed(0)} KB`;
  process.stdout.write(`${line}\n`);
  if (bytes > budget) problems.push(line);
};

// Everything index.html names is fetched before the first paint: that is the entry.
const isCode = (path: string): boolean => /\.(?:js|css)$/u.test(path);
const eager = files.filter((path) => isCode(path) && html.includes(name(path)));
report(
  "entry (gzip)",
  eager.map(gzipBytes).reduce((sum, bytes) => sum + bytes, 0),
  ENTRY_BUDGET,
);
for (const path of files.filter((path) => isCode(path) && !eager.includes(path)).sort()) {
  const [, library = ""] = /([A-Za-z]+)-[^/]*$/u.exec(path) ?? [];
  report(name(path), gzipBytes(path), LIBRARY_BUDGETS.get(library) ?? CHUNK_BUDGET);
}
const total = files.map((path) => statSync(path).size).reduce((sum, bytes) => sum + bytes, 0);
report("all files on disk", total, TOTAL_BUDGET);

if (problems.length > 0) {
  process.stderr.write(`over budget:\n${problems.join("\n")}\n`);
  process.exitCode = 1;
}
