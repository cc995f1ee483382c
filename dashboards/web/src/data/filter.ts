/**
 * The filter language of the run table: `status:running and config.lr < 1e-4`.
 *
 * One small grammar, parsed once into a tree that chips and text both show:
 *
 *     or    = and { "or" and }
 *     and   = not { ["and"] not }
 *     not   = "not" not | "(" or ")" | test
 *     test  = field op value | field ["not"] "in" "(" value { "," value } ")" | word
 *
 * A word alone asks whether the run's name, id or a tag holds it.
 */

import { toNumber } from "./flatten";

export type Operator = ":" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~";
export type Literal = string | number | boolean | null;

export type Filter =
  | { readonly kind: "and" | "or"; readonly parts: readonly Filter[] }
  | { readonly kind: "not"; readonly part: Filter }
  | { readonly kind: "word"; readonly text: string }
  | {
      readonly kind: "test";
      readonly field: string;
      readonly operator: Operator;
      readonly value: Literal;
    }
  | { readonly kind: "in"; readonly field: string; readonly values: readonly Literal[] };

export type Parsed =
  | { readonly filter: Filter | null; readonly error: null }
  | { readonly filter: null; readonly error: FilterError };

/** Why and where (0-based, in characters) a filter cannot be read. */
export type FilterError = {
  readonly at: number;
  readonly problem: "value" | "quote" | "bracket" | "unexpected" | "pattern";
};

type Token = {
  readonly type: "word" | "text" | "operator" | "(" | ")" | ",";
  readonly text: string;
  readonly at: number;
};

const OPERATORS: readonly Operator[] = ["!=", "!~", "<=", ">=", ":", "=", "<", ">", "~"];
const WORD = /[^\s(),:=<>!~"']+/uy;

class Refused extends Error {
  readonly reason: FilterError;
  constructor(at: number, problem: FilterError["problem"]) {
    super(problem);
    this.reason = { at, problem };
  }
}

function quoted(text: string, at: number): Token & { readonly end: number } {
  const end = text.indexOf(text[at] ?? '"', at + 1);
  if (end === -1) throw new Refused(at, "quote");
  return { type: "text", text: text.slice(at + 1, end), at, end: end + 1 };
}

function nextToken(text: string, at: number): Token & { readonly end: number } {
  const character = text[at] ?? "";
  if (character === "(" || character === ")" || character === ",") {
    return { type: character, text: character, at, end: at + 1 };
  }
  if (character === '"' || character === "'") return quoted(text, at);
  const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at));
  if (operator) {
    const length = text.startsWith("==", at) ? 2 : operator.length;
    return { type: "operator", text: operator, at, end: at + length };
  }
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word === undefined) throw new Refused(at, "unexpected");
  return { type: "word", text: word, at, end: at + word.length };
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/u.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const { end, ...token } = nextToken(text, at);
    tokens.push(token);
    at = end;
  }
  return tokens;
}

function literal(token: Token): Literal {
  if (token.type === "text") return token.text;
  if (token.text === "true") return true;
  if (token.text === "false") return false;
  if (token.text === "null" || token.text === "none") return null;
  const number = toNumber(token.text) ?? Number(token.text);
  return Number.isNaN(number) && token.text !== "NaN" ? token.text : number;
}

class Reader {
  private place = 0;
  private readonly tokens: readonly Token[];
  private readonly end: number;

  constructor(tokens: readonly Token[], end: number) {
    this.tokens = tokens;
    this.end = end;
  }

  private peek(offset = 0): Token | undefined {
    return this.tokens[this.place + offset];
  }

  private isWord(text: string, offset = 0): boolean {
    const token = this.peek(offset);
    return token?.type === "word" && token.text.toLowerCase() === text;
  }

  private take(type: Token["type"], problem: FilterError["problem"]): Token {
    const token = this.peek();
    if (token?.type !== type) throw new Refused(token?.at ?? this.end, problem);
    this.place += 1;
    return token;
  }

  whole(): Filter {
    const filter = this.either();
    const rest = this.peek();
    if (rest) throw new Refused(rest.at, rest.type === ")" ? "bracket" : "unexpected");
    return filter;
  }

  private either(): Filter {
    const parts = [this.both()];
    while (this.isWord("or")) {
      this.place += 1;
      parts.push(this.both());
    }
    return joined("or", parts);
  }

  private both(): Filter {
    const parts = [this.negated()];
    for (;;) {
      const token = this.peek();
      if (!token || token.type === ")" || this.isWord("or")) break;
      if (this.isWord("and")) this.place += 1;
      parts.push(this.negated());
    }
    return joined("and", parts);
  }

  private negated(): Filter {
    if (this.isWord("not")) {
      this.place += 1;
      return { kind: "not", part: this.negated() };
    }
    if (this.peek()?.type === "(") {
      this.place += 1;
      const inside = this.either();
      this.take(")", "bracket");
      return inside;
    }
    return this.test();
  }

  private test(): Filter {
    const token = this.peek();
    if (token?.type === "text") {
      this.place += 1;
      return { kind: "word", text: token.text };
    }
    const field = this.take("word", "value");
    if (this.isWord("in") && this.peek(1)?.type === "(") return this.membership(field.text, 1);
    if (this.isWord("not") && this.isWord("in", 1)) {
      return { kind: "not", part: this.membership(field.text, 2) };
    }
    if (this.peek()?.type !== "operator") return { kind: "word", text: field.text };
    return this.comparison(field.text);
  }

  private comparison(field: string): Filter {
    const operator = this.take("operator", "value").text as Operator;
    const value = this.value();
    const token = this.peek(-1);
    if ((operator === "~" || operator === "!~") && !isPattern(String(value))) {
      throw new Refused(token?.at ?? this.end, "pattern");
    }
    return { kind: "test", field, operator, value };
  }

  private value(): Literal {
    const token = this.peek();
    if (token?.type !== "word" && token?.type !== "text") {
      throw new Refused(token?.at ?? this.end, "value");
    }
    this.place += 1;
    return literal(token);
  }

  private membership(field: string, words: number): Filter {
    this.place += words;
    this.take("(", "bracket");
    const values = [this.value()];
    while (this.peek()?.type === ",") {
      this.place += 1;
      values.push(this.value());
    }
    this.take(")", "bracket");
    return { kind: "in", field, values };
  }
}

function joined(kind: "and" | "or", parts: readonly Filter[]): Filter {
  const [first] = parts;
  return parts.length === 1 && first ? first : { kind, parts };
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "iu");
    return true;
  } catch {
    return false;
  }
}

export function parseFilter(text: string): Parsed {
  try {
    const tokens = tokenize(text);
    if (tokens.length === 0) return { filter: null, error: null };
    return { filter: new Reader(tokens, text.length).whole(), error: null };
  } catch (error) {
    if (error instanceof Refused) return { filter: null, error: error.reason };
    throw error;
  }
}

/** Answers what a run says under a field name; `undefined` when it says nothing. */
export type Lookup = (field: string) => unknown;

/** Fields a bare word is searched in. */
const WORD_FIELDS = ["name", "run_id", "tag"] as const;

const folded = (value: unknown): string => String(value ?? "").toLowerCase();

function holds(value: unknown, text: string): boolean {
  if (Array.isArray(value)) return value.some((item) => folded(item).includes(text));
  return value !== null && value !== undefined && folded(value).includes(text);
}

function equals(actual: unknown, wanted: Literal): boolean {
  if (Array.isArray(actual)) return actual.some((item) => equals(item, wanted));
  if (wanted === null) return actual === null || actual === undefined;
  const number = toNumber(actual);
  if (typeof wanted === "number") return number !== undefined && Object.is(number, wanted);
  if (typeof wanted === "boolean") return actual === wanted;
  return folded(actual) === wanted.toLowerCase();
}

function compare(actual: unknown, operator: Operator, wanted: Literal): boolean {
  // Times are compared as text: RFC 3339 sorts as it reads.
  const left = typeof wanted === "number" ? toNumber(actual) : actual;
  if (left === undefined || left === null || wanted === null) return false;
  if (typeof left !== typeof wanted) return false;
  if (operator === "<") return left < wanted;
  if (operator === "<=") return left <= wanted;
  return operator === ">" ? left > wanted : left >= wanted;
}

function matches(actual: unknown, pattern: string): boolean {
  const expression = new RegExp(pattern, "iu");
  const values = Array.isArray(actual) ? actual : [actual];
  return values.some(
    (value) => value !== undefined && value !== null && expression.test(String(value)),
  );
}

function evaluateTest(actual: unknown, operator: Operator, value: Literal): boolean {
  switch (operator) {
    case ":":
      return typeof value === "string" ? holds(actual, value.toLowerCase()) : equals(actual, value);
    case "=":
      return equals(actual, value);
    case "!=":
      return !equals(actual, value);
    case "~":
      return matches(actual, String(value));
    case "!~":
      return !matches(actual, String(value));
    default:
      return compare(actual, operator, value);
  }
}

export function evaluate(filter: Filter, lookup: Lookup): boolean {
  switch (filter.kind) {
    case "and":
      return filter.parts.every((part) => evaluate(part, lookup));
    case "or":
      return filter.parts.some((part) => evaluate(part, lookup));
    case "not":
      return !evaluate(filter.part, lookup);
    case "word":
      return WORD_FIELDS.some((field) => holds(lookup(field), filter.text.toLowerCase()));
    case "in":
      return filter.values.some((value) => equals(lookup(filter.field), value));
    case "test":
      return evaluateTest(lookup(filter.field), filter.operator, filter.value);
  }
}
