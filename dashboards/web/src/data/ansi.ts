/**
 * Terminal text to styled pieces, without any HTML.
 *
 * Understands SGR colours (16, 256 and true colour), bold, faint, italic, underline and
 * inverse. Every other escape sequence is dropped, so logged bytes cannot reach the page.
 */

export type AnsiStyle = {
  /** 0..15 name a themed colour; `#rrggbb` is taken literally; null is the default ink. */
  readonly ink: number | string | null;
  readonly ground: number | string | null;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
};

export type AnsiPiece = { readonly text: string; readonly style: AnsiStyle };

export const PLAIN: AnsiStyle = {
  ink: null,
  ground: null,
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  inverse: false,
};

// CSI sequences, OSC strings up to BEL or ST, and the short two-byte escapes, in this order.
const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is the subject
  /\u001b\[([0-9;:]*)([ -/]*[@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]|[\u0000-\u0008\u000b-\u001f\u007f]/gu;

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** The xterm palette: 16 themed colours, a 6x6x6 cube, 24 greys. */
function indexed(code: number): number | string {
  if (code < 16) return code;
  if (code >= 232) {
    const grey = hex(8 + (code - 232) * 10);
    return `#${grey}${grey}${grey}`;
  }
  const level = (part: number): string => hex(part === 0 ? 0 : 55 + part * 40);
  const cube = code - 16;
  return `#${level(Math.floor(cube / 36))}${level(Math.floor(cube / 6) % 6)}${level(cube % 6)}`;
}

/** Read the arguments after 38 or 48; returns the colour and how many codes it used. */
function extended(codes: readonly number[], at: number): readonly [number | string | null, number] {
  if (codes[at] === 5) return [indexed(Math.min(codes[at + 1] ?? 0, 255)), 2];
  if (codes[at] === 2) {
    const [red = 0, green = 0, blue = 0] = codes
      .slice(at + 1, at + 4)
      .map((code) => Math.min(code, 255));
    return [`#${hex(red)}${hex(green)}${hex(blue)}`, 4];
  }
  return [null, 1];
}

const SWITCHES: ReadonlyMap<number, Partial<AnsiStyle>> = new Map<number, Partial<AnsiStyle>>([
  [0, PLAIN],
  [1, { bold: true }],
  [2, { faint: true }],
  [3, { italic: true }],
  [4, { underline: true }],
  [7, { inverse: true }],
  [22, { bold: false, faint: false }],
  [23, { italic: false }],
  [24, { underline: false }],
  [27, { inverse: false }],
  [39, { ink: null }],
  [49, { ground: null }],
]);

function colourChange(code: number): Partial<AnsiStyle> {
  if (code >= 30 && code <= 37) return { ink: code - 30 };
  if (code >= 90 && code <= 97) return { ink: code - 82 };
  if (code >= 40 && code <= 47) return { ground: code - 40 };
  return code >= 100 && code <= 107 ? { ground: code - 92 } : {};
}

function applyCodes(style: AnsiStyle, codes: readonly number[]): AnsiStyle {
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes, at + 1);
      next = { ...next, [code === 38 ? "ink" : "ground"]: colour };
      at += used;
    } else next = { ...next, ...(SWITCHES.get(code) ?? colourChange(code)) };
  }
  return next;
}

/** Split one line into pieces of one style each, starting from `style`; returns the style it ends in. */
export function parseAnsi(
  line: string,
  style: AnsiStyle = PLAIN,
): { pieces: AnsiPiece[]; style: AnsiStyle } {
  const pieces: AnsiPiece[] = [];
  let current = style;
  let from = 0;
  const push = (text: string): void => {
    if (text !== "") pieces.push({ text, style: current });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m")
      current = applyCodes(current, (match[1] ?? "").split(/[;:]/u).map(Number));
  }
  push(line.slice(from));
  return { pieces, style: current };
}

export function stripAnsi(line: string): string {
  return line.replaceAll(ESCAPE, "");
}
