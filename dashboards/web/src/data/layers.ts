/** Which layers over pictures are hidden, as names that travel in a URL. */

/** A layer of a key, or one class in it. Keys may hold any sign but a line's end. */
export const layerName = (key: string, layer: string, id?: number): string =>
  [key, layer, ...(id === undefined ? [] : [String(id)])].join("\n");

/** Whether a class shows: neither it nor its layer is hidden. */
export const showsClass = (
  off: readonly string[],
  key: string,
  layer: string,
  id: number,
): boolean => !off.includes(layerName(key, layer)) && !off.includes(layerName(key, layer, id));
