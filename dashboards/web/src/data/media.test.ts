import { describe, expect, test } from "vitest";
import { layerName, showsClass } from "./layers";
import { paintMask, toBoxes, toShown } from "./media";

const LAYER = { name: "found", path: "boxes.json", classes: new Map([[1, "cat"]]) };
const PICTURE = { path: "a.png", caption: "", width: 200, height: 100, boxes: [], masks: [] };

test("a picture keeps its caption, size and layers", () => {
  const shown = toShown({
    _type: "image-file",
    path: "media/images/a.png",
    caption: "a cat",
    width: 4,
    height: 3,
    boxes: { found: { path: "boxes.json", class_labels: { "1": "cat", x: "no number" } } },
  });
  expect(shown).toEqual({
    kind: "pictures",
    pictures: [
      {
        path: "media/images/a.png",
        caption: "a cat",
        width: 4,
        height: 3,
        boxes: [LAYER],
        masks: [],
      },
    ],
  });
});

test("joined tables name their files, and the column of each", () => {
  const tables = { table1: { path: "a.json" }, table2: "media/table/b.json" };
  const files = ["a.json", "media/table/b.json"].map((path) => ({ path, caption: "" }));
  const record = { _type: "joined-table", ...tables };
  expect(toShown({ ...record, join_key: "id" })).toEqual({
    kind: "joined",
    files,
    keys: ["id", "id"],
  });
  expect(toShown({ ...record, join_key: ["id", "of"] })).toMatchObject({ keys: ["id", "of"] });
  expect(toShown({ _type: "joined-table" })).toMatchObject({ keys: ["", ""] });
});

test("a trace is read from its texts, and bad texts are none", () => {
  const record = { _type: "wb_trace_tree", root_span_dumps: '{"name": "ask"}' };
  expect(toShown({ ...record, model_dict_dumps: "{" })).toEqual({
    kind: "trace",
    root: { name: "ask" },
    model: null,
  });
});

test("a list of pictures gives each its own caption and layers, and a lost file no path", () => {
  const shown = toShown({
    _type: "images/separated",
    filenames: ["media/images/a.png", null],
    captions: ["first", "second"],
    all_masks: [null, { guess: { path: "mask.png" } }],
  });
  const pictures = shown.kind === "pictures" ? shown.pictures : [];
  expect(pictures.map(({ path, caption }) => [path, caption])).toEqual([
    ["media/images/a.png", "first"],
    [null, "second"],
  ]);
  expect(pictures.map(({ masks }) => masks.map(({ name }) => name))).toEqual([[], ["guess"]]);
});

test.each([
  [{ _type: "audio", audio: [{ path: "a.wav" }, { path: "b.wav" }] }, "sounds"],
  [{ _type: "video-file", path: "a.mp4" }, "films"],
  [{ _type: "html-file", path: "a.html" }, "pages"],
  [{ _type: "object3D-file", path: "a.pts.json" }, "points"],
  [{ _type: "object3D-file", path: "a.glb" }, "files"],
  [{ _type: "plotly-file", path: "a.json" }, "figure"],
  [{ _type: "bokeh-file", path: "a.json" }, "figure"],
  [{ _type: "partitioned-table", parts_path: "parts" }, "parts"],
  [{ _type: "table-file", path: "a.json", nrows: 2 }, "table"],
  [{ _type: "nobody-knows" }, "record"],
  [{ _type: "constructor" }, "record"],
])("%j is shown as %s", (record, kind) => {
  expect(toShown(record).kind).toBe(kind);
});

test("files of old lists lie below the folder of their kind", () => {
  const shown = toShown({ _type: "object3D", filenames: ["a.pts.json"] });
  expect(shown).toEqual({
    kind: "points",
    files: [{ path: "media/object3D/a.pts.json", caption: "" }],
  });
});

describe("boxes", () => {
  test.each([
    [{ position: { minX: 0.25, maxX: 0.5, minY: 0.2, maxY: 0.6 } }],
    [{ position: { minX: 50, maxX: 100, minY: 20, maxY: 60 }, domain: "pixel" }],
    [{ position: { middle: [0.375, 0.4], width: 0.25, height: 0.4 } }],
  ])("%j lies at the same place", (box) => {
    const [found] = toBoxes({ box_data: [{ ...box, class_id: 1 }] }, LAYER, PICTURE);
    expect(found?.left).toBeCloseTo(0.25);
    expect(found?.top).toBeCloseTo(0.2);
    expect(found?.width).toBeCloseTo(0.25);
    expect(found?.height).toBeCloseTo(0.4);
  });

  test("a box says its caption or class, and its score", () => {
    const position = { minX: 0, maxX: 1, minY: 0, maxY: 1 };
    const data = [
      { position, class_id: 1, scores: { confidence: 0.876 } },
      { position, class_id: 2, box_caption: "dog" },
      { position: { minX: 0 } },
    ];
    const texts = toBoxes({ box_data: data }, LAYER, PICTURE).map(({ text }) => text);
    expect(texts).toEqual(["cat 0.88", "dog"]);
  });
});

test("a mask is painted by class, and hidden classes stay clear", () => {
  const pixels = Uint8ClampedArray.from([1, 1, 1, 255, 2, 2, 2, 255]);
  paintMask(pixels, (id) => (id === 1 ? [10, 20, 30] : null), 100);
  expect([...pixels]).toEqual([10, 20, 30, 100, 2, 2, 2, 0]);
});

test("a hidden layer hides its classes, a hidden class only itself", () => {
  const off = [layerName("a/b", "truth"), layerName("a/b", "guess", 1)];
  expect(showsClass(off, "a/b", "truth", 0)).toBe(false);
  expect(showsClass(off, "a/b", "guess", 1)).toBe(false);
  expect(showsClass(off, "a/b", "guess", 2)).toBe(true);
  expect(showsClass(off, "a", "truth", 0)).toBe(true);
});
