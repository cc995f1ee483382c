import { expect, test } from "vitest";
import {
  choice,
  decodeView,
  encodeView,
  flag,
  list,
  number,
  parseSearch,
  printSearch,
  range,
  text,
} from "./url";

const FIELDS = {
  q: text(),
  x: choice(["step", "time", "relative"]),
  smooth: number(0, 0, 0.999),
  log: flag(),
  cols: list(["loss"]),
  zoom: range(),
};

const VIEWS = [
  decodeView(FIELDS, {}),
  {
    q: 'status:running and config.lr < 1e-4 & "a+b"',
    x: "time",
    smooth: 0.6,
    log: true,
    cols: ["a,b", "c\\d", "e/f"],
    zoom: [1.5, 2e9],
  },
  { q: "中文 %", x: "relative", smooth: 0, log: false, cols: [], zoom: [-3, -1] },
] as const;

test.each(VIEWS)("a view survives its link (%#)", (view) => {
  const link = printSearch(encodeView(FIELDS, view));
  expect(decodeView(FIELDS, parseSearch(link))).toEqual(view);
});

test("a default view has an empty link", () => {
  expect(printSearch(encodeView(FIELDS, decodeView(FIELDS, {})))).toBe("");
});

test("equal views have equal links, whatever order they came in", () => {
  const first = decodeView(FIELDS, parseSearch("?log=1&q=a"));
  const second = decodeView(FIELDS, parseSearch("?q=a&log=1"));
  expect(printSearch(encodeView(FIELDS, first))).toBe(printSearch(encodeView(FIELDS, second)));
});

test("broken and unknown parameters fall back to defaults", () => {
  const view = decodeView(FIELDS, parseSearch("?x=moon&smooth=7&log=yes&zoom=3~1&old=1"));
  expect(view).toEqual(decodeView(FIELDS, {}));
});

test("slashes and commas stay legible", () => {
  expect(printSearch({ cols: "train/loss,val/loss" })).toBe("?cols=train/loss,val/loss");
});
