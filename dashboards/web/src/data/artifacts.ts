/** Artifacts by their parts: addresses, kinds, and what changed from one version to the next. */

export type ArtifactAddress = {
  readonly type: string;
  readonly name: string;
  readonly version: string;
};

/** `type/name:v3` in its parts; neither a type nor a name holds a slash or a colon. */
export function parseAddress(text: string): ArtifactAddress | null {
  const [, type, name, version = ""] = /^([^/]+)\/([^:/]+)(?::(.+))?$/u.exec(text) ?? [];
  return type === undefined || name === undefined ? null : { type, name, version };
}

export type Change = "new" | "changed" | "same";

type Entry = { readonly path: string; readonly digest: string };

/** How each file of a version stands to the version before it, and how many of that one's are gone. */
export function changesOf(
  files: readonly Entry[],
  before: readonly Entry[],
): { readonly changes: ReadonlyMap<string, Change>; readonly gone: number } {
  const old = new Map(before.map(({ path, digest }) => [path, digest]));
  const changes = new Map(
    files.map(({ path, digest }): [string, Change] => {
      const was = old.get(path);
      return [path, was === undefined ? "new" : was === digest ? "same" : "changed"];
    }),
  );
  const gone = before.filter(({ path }) => !changes.has(path)).length;
  return { changes, gone };
}

/** A run logged or used a version. */
export type ArtifactMove = ArtifactAddress & {
  readonly id: string;
  readonly op: string;
  readonly project: string;
  readonly aliases: readonly string[];
  /** Bytes; null where the event does not say. */
  readonly size: number | null;
  readonly timestamp: string | null;
};

type Told = {
  readonly timestamp: string | null;
  readonly seq: number | null;
  readonly writer: string | null;
  readonly data: { readonly [name: string]: unknown };
};

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Events about artifacts as moves, as they come; what names no version is left out. */
export function toMoves(events: readonly Told[]): readonly ArtifactMove[] {
  return events.flatMap(({ timestamp, seq, writer, data }) => {
    const { type, name, version, size, aliases } = data;
    if (text(type) === "" || text(name) === "" || text(version) === "") return [];
    return [
      {
        id: `${writer ?? ""}:${seq}:${timestamp}`,
        op: text(data["op"]),
        type: text(type),
        name: text(name),
        version: text(version),
        project: text(data["project"]),
        aliases: Array.isArray(aliases) ? aliases.map(String) : [],
        size: typeof size === "number" ? size : null,
        timestamp,
      },
    ];
  });
}
