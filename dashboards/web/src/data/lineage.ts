/** Who made what and who used it, laid out from left to right: what comes first stands first. */

export type LineageEdge = { readonly run: string; readonly op: string; readonly artifact: string };

export type LineageNode = {
  /** `run:project/id` or `artifact:type/name:v3`. */
  readonly id: string;
  readonly kind: "run" | "artifact";
  /** The run's address, or `type/name:v3`. */
  readonly name: string;
  readonly column: number;
  /** A place from the top; halves occur where a short column stands beside a long one. */
  readonly row: number;
};

export type LineageLayout = {
  readonly nodes: readonly LineageNode[];
  /** Pairs of ids, in the direction of time. */
  readonly links: readonly (readonly [string, string])[];
  readonly columns: number;
  readonly rows: number;
};

type Links = readonly (readonly [string, string])[];

const runId = (run: string): string => `run:${run}`;
const artifactId = (artifact: string): string => `artifact:${artifact}`;

export function layoutLineage(edges: readonly LineageEdge[]): LineageLayout {
  const links = distinct(
    edges.map(({ run, op, artifact }) =>
      op === "log" ? [runId(run), artifactId(artifact)] : [artifactId(artifact), runId(run)],
    ),
  );
  const columnOf = toColumns(links);
  const columns: string[][] = [];
  for (const [id, column] of columnOf) {
    columns[column] = [...(columns[column] ?? []), id];
  }
  const rows = Math.max(0, ...columns.map(({ length }) => length));
  const rowOf = new Map<string, number>();
  for (const column of columns) {
    const sorted = [...column].sort((a, b) => above(a, links, rowOf) - above(b, links, rowOf));
    for (const [index, id] of sorted.entries()) {
      rowOf.set(id, index + (rows - column.length) / 2);
    }
  }
  const nodes = [...columnOf].map(([id, column]): LineageNode => {
    const kind = id.startsWith("run:") ? "run" : "artifact";
    return { id, kind, name: id.slice(kind.length + 1), column, row: rowOf.get(id) ?? 0 };
  });
  return { nodes, links, columns: columns.length, rows };
}

/** A run that uses a version twice is one link; so is one that uses what it made itself. */
function distinct(links: readonly (readonly string[])[]): Links {
  const found = new Map<string, readonly [string, string]>();
  for (const [from = "", to = ""] of links) {
    if (!found.has(`${to}\n${from}`)) found.set(`${from}\n${to}`, [from, to]);
  }
  return [...found.values()];
}

/** Each node stands one column after the last of those that lead to it; a circle ends somewhere. */
function toColumns(links: Links): ReadonlyMap<string, number> {
  const columnOf = new Map<string, number>();
  for (const [from, to] of links) {
    columnOf.set(from, 0);
    columnOf.set(to, 0);
  }
  for (let pass = 0; pass < columnOf.size; pass += 1) {
    let moved = false;
    for (const [from, to] of links) {
      const least = (columnOf.get(from) ?? 0) + 1;
      if ((columnOf.get(to) ?? 0) < least && least < columnOf.size) {
        columnOf.set(to, least);
        moved = true;
      }
    }
    if (!moved) break;
  }
  return columnOf;
}

/** The middle of those that lead to a node: close to them, its links cross few others. */
function above(id: string, links: Links, rowOf: ReadonlyMap<string, number>): number {
  const rows = links.flatMap(([from, to]) => (to === id ? (rowOf.get(from) ?? []) : []));
  return rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row, 0) / rows.length;
}
