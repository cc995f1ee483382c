/** Where the parts of a table lie in its run. */

const ENDING = ".table.json";

/**
 * Return the files that are the parts, in their order.
 *
 * A program names their folder as it knows it: from the root of its machine, through the run's own
 * directory; below the run; or below the files that it saved.
 */
export function partsIn(folder: string, run: string, paths: readonly string[]): readonly string[] {
  const given = folder.replace(/\/+$/u, "").replace(/^\.\//u, "");
  const own = `/${run}/`;
  const at = given.lastIndexOf(own);
  const inside = at < 0 ? given : given.slice(at + own.length);
  for (const place of [`${inside}/`, `files/${inside}/`]) {
    const found = paths.filter(
      (path) =>
        path.startsWith(place) && path.endsWith(ENDING) && !path.slice(place.length).includes("/"),
    );
    if (found.length > 0) return found.toSorted();
  }
  return [];
}
