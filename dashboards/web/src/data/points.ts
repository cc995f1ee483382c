/** Clouds of points in space: read from a logged file, and turned for the eye. */

export type Cloud = {
  /** x, y, z of each point, one after the other, at most 1 away from the middle. */
  readonly places: Float32Array;
  /** Red, green, blue of each point, 0 to 255; null where the points carry no colour. */
  readonly colours: Uint8Array | null;
  readonly count: number;
};

type Rgb = readonly [number, number, number];

const isPoint = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length >= 3 && value.every((one) => typeof one === "number");

/** Read a list of points, or a scene that has one; null where there is none. */
export function toCloud(file: unknown, categories: readonly Rgb[]): Cloud | null {
  const scene = typeof file === "object" && file !== null ? (file as Record<string, unknown>) : {};
  const list = Array.isArray(file) ? file : scene["points"];
  const points = Array.isArray(list) ? list.filter(isPoint) : [];
  const [first] = points;
  if (!first) return null;
  const places = fitted(points);
  if (first.length === 3) return { places, colours: null, count: points.length };
  const colours = new Uint8Array(points.length * 3);
  points.forEach((point, index) => {
    const [, , , red = 0, green = 0, blue = 0] = point;
    const own: Rgb = [red, green, blue];
    const category = categories[Math.max(Math.round(red) - 1, 0) % categories.length];
    colours.set(first.length >= 6 ? own : (category ?? own), index * 3);
  });
  return { places, colours, count: points.length };
}

/** Around the middle of its extent, so small that it stays in sight however it is turned. */
function fitted(points: readonly (readonly number[])[]): Float32Array {
  const middle = [0, 1, 2].map((axis) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const point of points) {
      low = Math.min(low, point[axis] ?? 0);
      high = Math.max(high, point[axis] ?? 0);
    }
    return (low + high) / 2;
  });
  const places = new Float32Array(points.length * 3);
  let far = 1e-12;
  points.forEach((point, index) => {
    const place = middle.map((centre, axis) => (point[axis] ?? 0) - centre);
    far = Math.max(far, Math.hypot(...place));
    places.set(place, index * 3);
  });
  return places.map((value) => value / far);
}

/** How a cloud is looked at: turned about the upright axis, then tilted; radians. */
export type Turn = { readonly yaw: number; readonly pitch: number };

/** Where each point appears: x and y within -1 to 1, and its depth, near ones larger. */
export function project(cloud: Cloud, { yaw, pitch }: Turn): Float32Array {
  const out = new Float32Array(cloud.count * 3);
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  for (let at = 0; at < out.length; at += 3) {
    const x = cloud.places[at] ?? 0;
    const y = cloud.places[at + 1] ?? 0;
    const z = cloud.places[at + 2] ?? 0;
    const [side, away] = [cy * x - sy * y, sy * x + cy * y];
    out[at] = side;
    out[at + 1] = cp * z + sp * away;
    out[at + 2] = sp * z - cp * away;
  }
  return out;
}
