import { loader, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { expect, test } from "vitest";
import { filledSpec, vegaConfig } from "../data/vega";

const COLOURS = {
  ground: "#ffffff",
  ink: "#15181c",
  inkSecond: "#505760",
  inkThird: "#666e78",
  gridLine: "#edeff1",
  ruleStrong: "#c3c8ce",
  lines: ["#3f90da", "#ca8508"],
};
const SPEC = {
  data: { name: "table", url: "http://elsewhere.invalid/data.json" },
  mark: { type: "bar", tooltip: true },
  encoding: {
    x: { field: "size\\.mb", type: "quantitative", bin: true },
    y: { aggregate: "count", type: "quantitative" },
  },
};
const TABLE = {
  columns: ["size.mb", "__proto__"],
  rows: [
    [1, 2],
    [1.5, 3],
    [9, 4],
  ],
};

test("a spec draws the rows it is given, without compiling any expression", async () => {
  const filled = filledSpec(SPEC, TABLE, { width: 300, height: 200 });
  const compiled = compile(filled as unknown as TopLevelSpec, { config: vegaConfig(COLOURS) }).spec;
  const compile_ = globalThis.Function;
  globalThis.Function = (() => {
    throw new Error("an expression was compiled");
  }) as unknown as FunctionConstructor;
  try {
    const view = new View(parse(compiled, undefined, { ast: true }), {
      expr: expressionInterpreter,
      loader: loader(),
      renderer: "none",
    });
    const svg = await view.runAsync().then(() => view.toSVG());
    expect(svg.match(/aria-roledescription="bar"/gu)).toHaveLength(2);
    view.finalize();
  } finally {
    globalThis.Function = compile_;
  }
});

test("nothing of a spec is an address any more", () => {
  const filled = filledSpec(SPEC, TABLE, { width: 300, height: 200 });
  expect(JSON.stringify(filled)).not.toContain("elsewhere");
});
