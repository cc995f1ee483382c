/** Metric names become sections of charts: the part before the last slash is the section. */

export type Section = { readonly name: string; readonly keys: readonly string[] };

/** Keys without a prefix stand in one unnamed section, which comes first. */
export const UNNAMED = "";

/** Compare names as a person sorts them: layer.2 before layer.10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

export function prefixOf(key: string): string {
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(0, slash) : UNNAMED;
}

/** The name a chart shows inside its section: the prefix is said once, by the section. */
export function shortName(key: string): string {
  const prefix = prefixOf(key);
  return prefix === UNNAMED ? key : key.slice(prefix.length + 1);
}

export function toSections(keys: readonly string[]): readonly Section[] {
  const byPrefix = new Map<string, string[]>();
  for (const key of keys) {
    const prefix = prefixOf(key);
    const list = byPrefix.get(prefix);
    if (list) list.push(key);
    else byPrefix.set(prefix, [key]);
  }
  return [...byPrefix]
    .sort(([a], [b]) => rank(a) - rank(b) || BY_NAME.compare(a, b))
    .map(([name, list]) => ({ name, keys: list.sort(BY_NAME.compare) }));
}

/** What people look at first stands first; everything else follows the alphabet. */
function rank(prefix: string): number {
  const order = [UNNAMED, "train", "val", "valid", "eval", "test"].indexOf(prefix);
  return order === -1 ? 99 : order;
}

/** Keep the keys a search names; text that is no valid pattern is matched literally. */
export function searchKeys(keys: readonly string[], search: string): readonly string[] {
  if (search === "") return keys;
  const pattern = toPattern(search);
  return keys.filter((key) => pattern.test(key));
}

function toPattern(search: string): RegExp {
  try {
    return new RegExp(search, "iu");
  } catch {
    return new RegExp(search.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&"), "iu");
  }
}
