import { expect, test } from "vitest";
import { toFacts } from "./figures";

test("a plotly figure is told by its title and its traces", () => {
  const figure = {
    layout: { title: { text: "Loss" } },
    data: [{ type: "bar", name: "train", y: [1] }, { y: [2] }],
  };
  expect(toFacts("plotly", figure)).toEqual({
    title: "Loss",
    parts: ["train (bar)", "trace 1 (scatter)"],
  });
  expect(toFacts("plotly", { layout: { title: "Old" } }).title).toBe("Old");
});

test("a bokeh document is told by its roots and what is drawn in them", () => {
  const renderers = [{ attributes: { glyph: { name: "Scatter" } } }, { attributes: {} }];
  const document = { title: "Bokeh", roots: [{ name: "Figure", attributes: { renderers } }] };
  expect(toFacts("bokeh", document)).toEqual({ title: "Bokeh", parts: ["Figure", "Scatter"] });
});

test.each([null, 3, "text", [], { data: 3, layout: null }])("%j says nothing", (file) => {
  expect(toFacts("plotly", file)).toEqual({ title: "", parts: [] });
  expect(toFacts("bokeh", file)).toEqual({ title: "", parts: [] });
});
