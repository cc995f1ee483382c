/**
 * Vega, in a chunk of its own that is fetched with the first chart that needs it.
 *
 * Expressions are interpreted and never compiled: the page's policy forbids `eval`. The loader
 * refuses every address, so a spec can only draw what it was given.
 */

import { loader, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Spec } from "../data/vega";

/** What the pointer is on: names and values, or nothing. */
export type Pointed = {
  readonly x: number;
  readonly y: number;
  readonly facts: readonly (readonly [string, string])[];
};

const OFFLINE = {
  ...loader(),
  load: () => Promise.reject(new Error("charts load nothing")),
  sanitize: () => Promise.reject(new Error("charts link to nothing")),
};

/** Draw into `host`; what comes back removes the chart again. */
export async function drawVega(
  host: HTMLElement,
  spec: Spec,
  config: Spec,
  onPoint: (pointed: Pointed | null) => void,
): Promise<() => void> {
  const compiled = compile(spec as unknown as TopLevelSpec, { config, logger: QUIET }).spec;
  const view = new View(parse(compiled, undefined, { ast: true }), {
    expr: expressionInterpreter,
    loader: OFFLINE,
    renderer: "canvas",
    container: host,
    hover: true,
    logger: QUIET,
  });
  view.tooltip((_handler, event, _item, value: unknown) => {
    const facts = factsOf(value);
    const box = host.getBoundingClientRect();
    const at = event as MouseEvent;
    onPoint(facts && { x: at.clientX - box.left, y: at.clientY - box.top, facts });
  });
  await view.runAsync();
  return () => view.finalize();
}

function factsOf(value: unknown): Pointed["facts"] | null {
  if (typeof value !== "object" || value === null) return null;
  return Object.entries(value).map(([name, one]) => [name, String(one)] as const);
}

/** Vega would write its warnings to the console, where nobody reads them. */
const QUIET = {
  level: () => QUIET,
  error: (...what: readonly unknown[]): never => {
    throw what[0] instanceof Error ? what[0] : new Error(String(what[0]));
  },
  warn: () => QUIET,
  info: () => QUIET,
  debug: () => QUIET,
};
