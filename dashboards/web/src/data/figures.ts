/** Figures of plotly and bokeh, told in words where they cannot be drawn. */

export type Library = "plotly" | "bokeh";

export type FigureFacts = { readonly title: string; readonly parts: readonly string[] };

type Fields = { readonly [name: string]: unknown };

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Read the JSON that a library wrote of a figure: its title, and what it shows. */
export function toFacts(library: Library, file: unknown): FigureFacts {
  return library === "plotly" ? ofPlotly(fieldsOf(file)) : ofBokeh(fieldsOf(file));
}

function ofPlotly({ layout, data }: Fields): FigureFacts {
  const { title } = fieldsOf(layout);
  const parts = listOf(data).map((trace, index) => {
    const { name, type } = fieldsOf(trace);
    return `${textOf(name) || `trace ${index}`} (${textOf(type) || "scatter"})`;
  });
  return { title: textOf(title) || textOf(fieldsOf(title)["text"]), parts };
}

function ofBokeh({ title, roots }: Fields): FigureFacts {
  const parts = listOf(roots).flatMap((root) => {
    const { name, attributes } = fieldsOf(root);
    const drawn = listOf(fieldsOf(attributes)["renderers"]).map((one) => {
      const { glyph } = fieldsOf(fieldsOf(one)["attributes"]);
      return textOf(fieldsOf(glyph)["name"]);
    });
    return [textOf(name), ...drawn].filter((text) => text !== "");
  });
  return { title: textOf(title), parts };
}
