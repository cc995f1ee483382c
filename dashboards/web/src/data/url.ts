/**
 * A view is a record of typed fields; its URL holds only what differs from the defaults.
 *
 * Unknown and broken parameters are dropped, so an old link always opens. The order of the
 * fields in the schema is the order in the URL: equal views have equal links.
 */

export type Field<Value> = {
  readonly initial: Value;
  /** `undefined` says the text is no such value; the default then stands. */
  readonly parse: (text: string) => Value | undefined;
  readonly print: (value: Value) => string;
};

export type Schema = Record<string, Field<never>>;
export type ViewOf<Fields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Value> ? Value : never;
};
export type Search = Record<string, string>;

type AnyField = Field<unknown>;

export function text(initial = ""): Field<string> {
  return { initial, parse: (value) => value, print: (value) => value };
}

export function flag(initial = false): Field<boolean> {
  return {
    initial,
    parse: (value) => (value === "1" ? true : value === "0" ? false : undefined),
    print: (value) => (value ? "1" : "0"),
  };
}

export function number(initial: number, low: number, high: number): Field<number> {
  return {
    initial,
    parse: (value) => {
      const parsed = value.trim() === "" ? Number.NaN : Number(value);
      return parsed >= low && parsed <= high ? parsed : undefined;
    },
    print: String,
  };
}

/** A number that may be left out: null then, and nothing in the URL. */
export function maybe(): Field<number | null> {
  return {
    initial: null,
    parse: (value) =>
      value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : undefined,
    print: (value) => (value === null ? "" : String(value)),
  };
}

export function choice<const Name extends string>(names: readonly [Name, ...Name[]]): Field<Name> {
  return {
    initial: names[0],
    parse: (value) => names.find((name) => name === value),
    print: (value) => value,
  };
}

/** Names may hold commas; those inside a name travel escaped. */
const escapeComma = (name: string): string => name.replaceAll("\\", "\\\\").replaceAll(",", "\\,");

export function list(initial: readonly string[] = []): Field<readonly string[]> {
  return {
    initial,
    parse: (value) =>
      value === ""
        ? []
        : (value.match(/(?:\\.|[^,\\])+/gu) ?? []).map((part) => part.replaceAll(/\\(.)/gu, "$1")),
    print: (names) => names.map(escapeComma).join(","),
  };
}

/** A closed interval, low end first; null means everything. */
export function range(): Field<readonly [number, number] | null> {
  return {
    initial: null,
    parse: (value) => {
      const [low, high, ...rest] = value.split("~").map(Number);
      if (low === undefined || high === undefined || rest.length > 0) return undefined;
      return low < high ? [low, high] : undefined;
    },
    print: (value) => (value === null ? "" : `${value[0]}~${value[1]}`),
  };
}

export function decodeView<Fields>(
  fields: Fields,
  search: Record<string, unknown>,
): ViewOf<Fields> {
  const view: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields as Record<string, AnyField>)) {
    const raw = Object.hasOwn(search, name) ? search[name] : undefined;
    const parsed = typeof raw === "string" ? field.parse(raw) : undefined;
    view[name] = parsed === undefined ? field.initial : parsed;
  }
  return view as ViewOf<Fields>;
}

export function encodeView<Fields>(fields: Fields, view: ViewOf<Fields>): Search {
  const search: Search = {};
  for (const [name, field] of Object.entries(fields as Record<string, AnyField>)) {
    const printed = field.print((view as Record<string, unknown>)[name]);
    if (printed !== field.print(field.initial)) search[name] = printed;
  }
  return search;
}

/** Slashes and commas stay legible in a query string: RFC 3986 allows both there. */
export function printSearch(search: Record<string, unknown>): string {
  const parts = Object.entries(search)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string")
    .map(([name, value]) => `${encodeURIComponent(name)}=${legible(value)}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function legible(value: string): string {
  return encodeURIComponent(value)
    .replaceAll("%2F", "/")
    .replaceAll("%2C", ",")
    .replaceAll("%3A", ":")
    .replaceAll("%20", "+");
}

export function parseSearch(search: string): Search {
  return Object.fromEntries(new URLSearchParams(search));
}
