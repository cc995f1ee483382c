/**
 * Records of media, as they stand in rows, turned into what a page can show.
 *
 * A record names files of its run; what it says besides is checked here, so that whoever draws
 * it need not ask whether a caption is a text. An unknown type is shown as the record it is.
 */

import type { Library } from "./figures";

export type MediaRecord = { readonly [name: string]: unknown };

/** Boxes or classes of pixels over a picture; the file says where they are. */
export type Layer = {
  readonly name: string;
  readonly path: string;
  /** What each class is called, by its number. */
  readonly classes: ReadonlyMap<number, string>;
};

export type Picture = {
  readonly path: string | null;
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Layer[];
  readonly masks: readonly Layer[];
};

export type MediaFile = { readonly path: string | null; readonly caption: string };

/** How the rows of a table came to be in its file: as a whole, or since the part before. */
export type TableFile = MediaFile & { readonly part: number | null; readonly rows: number };

/** The columns by which two tables belong together. */
export type JoinKeys = readonly [string, string];

export type Shown =
  | { readonly kind: "pictures"; readonly pictures: readonly Picture[] }
  | { readonly kind: "sounds"; readonly files: readonly MediaFile[] }
  | { readonly kind: "films"; readonly files: readonly MediaFile[] }
  | { readonly kind: "pages"; readonly files: readonly MediaFile[] }
  | { readonly kind: "points"; readonly files: readonly MediaFile[] }
  | { readonly kind: "files"; readonly files: readonly MediaFile[] }
  | { readonly kind: "figure"; readonly library: Library; readonly file: MediaFile }
  | { readonly kind: "table"; readonly file: TableFile }
  | { readonly kind: "joined"; readonly files: readonly MediaFile[]; readonly keys: JoinKeys }
  | { readonly kind: "parts"; readonly folder: string }
  | { readonly kind: "trace"; readonly root: unknown; readonly model: unknown }
  | { readonly kind: "record"; readonly record: MediaRecord };

const isRecord = (value: unknown): value is MediaRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const recordsOf = (value: unknown): readonly MediaRecord[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const pathOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const sizeOf = (value: unknown): number => (typeof value === "number" && value > 0 ? value : 0);

/** Whether a value is the record of a medium. */
export const isMedium = (value: unknown): value is MediaRecord =>
  isRecord(value) && typeof value["_type"] === "string";

export function toShown(record: MediaRecord): Shown {
  const make = KINDS.get(textOf(record["_type"]));
  return make ? make(record) : { kind: "record", record };
}

type Make = (record: MediaRecord) => Shown;

const one =
  (kind: "sounds" | "films" | "pages" | "files"): Make =>
  (record) => ({ kind, files: [fileOf(record)] });
const several =
  (kind: "sounds" | "films" | "pages", name: string): Make =>
  (record) => ({ kind, files: recordsOf(record[name]).map(fileOf) });
const figure =
  (library: Library): Make =>
  (record) => ({ kind: "figure", library, file: fileOf(record) });
const table: Make = (record) => ({ kind: "table", file: tableOf(record) });

const KINDS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ["image-file", (record) => ({ kind: "pictures", pictures: [pictureOf(record)] })],
  ["images/separated", (record) => ({ kind: "pictures", pictures: picturesOf(record) })],
  ["audio-file", one("sounds")],
  ["audio", several("sounds", "audio")],
  ["video-file", one("films")],
  ["videos", several("films", "videos")],
  ["html-file", one("pages")],
  ["html", several("pages", "html")],
  ["object3D-file", (record) => objects([fileOf(record)])],
  ["object3D", (record) => objects(named(record, "media/object3D/"))],
  ["molecule-file", one("files")],
  ["molecule", (record) => ({ kind: "files", files: named(record, "media/molecule/") })],
  ["plotly-file", figure("plotly")],
  ["bokeh-file", figure("bokeh")],
  ["graph-file", one("files")],
  ["table-file", table],
  ["incremental-table-file", table],
  ["joined-table", joined],
  ["partitioned-table", (record) => ({ kind: "parts", folder: textOf(record["parts_path"]) })],
  ["wb_trace_tree", trace],
]);

/** Tables are named by their records, in older runs by their paths. */
function joined(record: MediaRecord): Shown {
  const files = ["table1", "table2"].map((name) => {
    const one = record[name];
    return isRecord(one) ? fileOf(one) : { path: pathOf(one), caption: "" };
  });
  const key = record["join_key"];
  const [first = "", second = first] = listOf(Array.isArray(key) ? key : [key]).map(textOf);
  return { kind: "joined", files, keys: [first, second] };
}

/** Both parts of a trace are JSON in a text. */
function trace(record: MediaRecord): Shown {
  return {
    kind: "trace",
    root: parsed(record["root_span_dumps"]),
    model: parsed(record["model_dict_dumps"]),
  };
}

/** What a text of JSON says; null where it is none. */
export function parsed(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

const isCloud = ({ path }: MediaFile): boolean => path?.endsWith(".pts.json") ?? false;

/** Points can be drawn; other formats of objects are files to fetch. */
function objects(files: readonly MediaFile[]): Shown {
  return { kind: files.every(isCloud) ? "points" : "files", files };
}

function fileOf(record: MediaRecord): MediaFile {
  return { path: pathOf(record["path"]), caption: textOf(record["caption"]) };
}

/** Old records say a file's name below the folder of its kind, later ones its path. */
function named(record: MediaRecord, folder: string): readonly MediaFile[] {
  const captions = listOf(record["captions"]);
  return listOf(record["filenames"]).map((name, index) => ({
    path: typeof name === "string" && !name.startsWith("media/") ? folder + name : pathOf(name),
    caption: textOf(captions[index]),
  }));
}

function tableOf(record: MediaRecord): TableFile {
  const part = record["increment_num"];
  return {
    ...fileOf(record),
    part: typeof part === "number" ? part : null,
    rows: sizeOf(record["nrows"]),
  };
}

function pictureOf(record: MediaRecord): Picture {
  return {
    ...fileOf(record),
    width: sizeOf(record["width"]),
    height: sizeOf(record["height"]),
    boxes: layersOf(record["boxes"]),
    masks: layersOf(record["masks"]),
  };
}

function picturesOf(record: MediaRecord): readonly Picture[] {
  const [captions, boxes, masks] = ["captions", "all_boxes", "all_masks"].map((name) =>
    listOf(record[name]),
  );
  return listOf(record["filenames"]).map((path, index) => ({
    path: pathOf(path),
    caption: textOf(captions?.[index]),
    width: sizeOf(record["width"]),
    height: sizeOf(record["height"]),
    boxes: layersOf(boxes?.[index]),
    masks: layersOf(masks?.[index]),
  }));
}

function layersOf(value: unknown): readonly Layer[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, layer]) => {
    const path = isRecord(layer) ? pathOf(layer["path"]) : null;
    return isRecord(layer) && path !== null
      ? [{ name, path, classes: classesOf(layer["class_labels"]) }]
      : [];
  });
}

function classesOf(labels: unknown): ReadonlyMap<number, string> {
  if (!isRecord(labels)) return new Map();
  return new Map(
    Object.entries(labels)
      .filter(([id]) => Number.isInteger(Number(id)))
      .map(([id, name]) => [Number(id), String(name)] as const),
  );
}

/** A box in shares of its picture, 0 to 1, whatever it was logged in. */
export type Box = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly id: number;
  readonly text: string;
};

/** Read the file of a layer of boxes; what is no box is left out. */
export function toBoxes(file: unknown, layer: Layer, picture: Picture): readonly Box[] {
  const data = isRecord(file) ? recordsOf(file["box_data"]) : [];
  return data.flatMap((box) => {
    const place = isRecord(box["position"]) ? spanOf(box["position"]) : null;
    if (!place) return [];
    const pixels = box["domain"] === "pixel";
    const [wide, high] = pixels ? [picture.width || 1, picture.height || 1] : [1, 1];
    const id = typeof box["class_id"] === "number" ? box["class_id"] : -1;
    const [x0, x1, y0, y1] = place;
    return [
      {
        left: x0 / wide,
        top: y0 / high,
        width: (x1 - x0) / wide,
        height: (y1 - y0) / high,
        id,
        text: boxText(box, layer.classes.get(id)),
      },
    ];
  });
}

type Span = readonly [number, number, number, number];

function spanOf(position: MediaRecord): Span | null {
  const corners = ["minX", "maxX", "minY", "maxY"].map((name) => position[name]);
  if (corners.every((one) => typeof one === "number")) return corners as unknown as Span;
  const middle = listOf(position["middle"]);
  const sides = [middle[0], middle[1], position["width"], position["height"]];
  if (!sides.every((one) => typeof one === "number")) return null;
  const [x, y, wide, high] = sides as unknown as Span;
  return [x - wide / 2, x + wide / 2, y - high / 2, y + high / 2];
}

function boxText(box: MediaRecord, name: string | undefined): string {
  const scores = isRecord(box["scores"]) ? Object.values(box["scores"]) : [];
  const [score] = scores.filter((one) => typeof one === "number");
  const text = textOf(box["box_caption"]) || name || "";
  return score === undefined ? text : `${text} ${score.toFixed(2)}`.trim();
}

/** Paint classes of pixels: those that are hidden stay clear. `pixels` are RGBA, changed in place. */
export function paintMask(
  pixels: Uint8ClampedArray,
  colourOf: (id: number) => readonly [number, number, number] | null,
  alpha: number,
): void {
  const known = new Map<number, readonly [number, number, number] | null>();
  for (let at = 0; at < pixels.length; at += 4) {
    const id = pixels[at] ?? 0;
    if (!known.has(id)) known.set(id, colourOf(id));
    const colour = known.get(id);
    if (colour) pixels.set([...colour, alpha], at);
    else pixels[at + 3] = 0;
  }
}
