/** What a run says of its source and machine, read from metadata that may have any shape. */

import { toNumber } from "./flatten";

export type Surroundings = {
  readonly branch: string | null;
  readonly remote: string | null;
  /** Null where nobody looked. */
  readonly dirty: boolean | null;
  readonly changed: number;
  readonly untracked: readonly string[];
  readonly untrackedCount: number;
  readonly patch: string | null;
  readonly patchCut: boolean;
  /** Each list of packages by its kind: how many, and the file that holds it. */
  readonly packages: readonly (readonly [kind: string, count: number, path: string])[];
  readonly accelerators: readonly string[];
  readonly variables: readonly (readonly [string, string])[];
};

type Fields = { readonly [name: string]: unknown };

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const text = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value : null;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function readSurroundings(metadata: Fields): Surroundings {
  const git = fields(metadata["git"]);
  const environment = fields(metadata["environment"]);
  const untracked = list(git["untracked"]).filter((name) => typeof name === "string");
  return {
    branch: text(git["branch"]),
    remote: text(git["remote"]),
    dirty: typeof git["dirty"] === "boolean" ? git["dirty"] : null,
    changed: toNumber(git["changed"]) ?? 0,
    untracked,
    untrackedCount: toNumber(git["untracked_count"]) ?? untracked.length,
    patch: text(git["patch"]),
    patchCut: git["patch_cut"] === true,
    packages: ["packages", "conda"].flatMap((kind) => {
      const found = fields(environment[kind]);
      const path = text(found["path"]);
      return path ? [[kind, toNumber(found["count"]) ?? 0, path] as const] : [];
    }),
    accelerators: list(environment["accelerators"]).flatMap((card) => {
      const name = text(fields(card)["name"]);
      return name ? [name] : [];
    }),
    variables: Object.entries(fields(environment["variables"])).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : [],
    ),
  };
}
