/** One line of console text in its colours; the text itself is never anything but text. */

import type { CSSProperties } from "react";
import { type AnsiStyle, parseAnsi } from "../data/ansi";

function colour(value: number | string | null): string | undefined {
  if (value === null) return undefined;
  // Bright colours reuse the plain ones: the themed set is already legible on both grounds.
  return typeof value === "number" ? `var(--ansi-${value % 8})` : value;
}

function toStyle({
  ink,
  ground,
  bold,
  faint,
  italic,
  underline,
  inverse,
}: AnsiStyle): CSSProperties {
  const [front, back] = inverse
    ? [colour(ground) ?? "var(--ground)", colour(ink) ?? "var(--ink)"]
    : [colour(ink), colour(ground)];
  return {
    color: front,
    background: back,
    fontWeight: bold ? 600 : undefined,
    opacity: faint ? 0.65 : undefined,
    fontStyle: italic ? "italic" : undefined,
    textDecoration: underline ? "underline" : undefined,
  };
}

export function AnsiLine({ text, mark }: { readonly text: string; readonly mark?: string }) {
  return parseAnsi(text).pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes its pieces
    <span key={index} style={toStyle(piece.style)}>
      <Marked text={piece.text} mark={mark ?? ""} />
    </span>
  ));
}

function Marked({ text, mark }: { readonly text: string; readonly mark: string }) {
  if (mark === "") return text;
  const at = text.toLowerCase().indexOf(mark.toLowerCase());
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + mark.length)}</mark>
      <Marked text={text.slice(at + mark.length)} mark={mark} />
    </>
  );
}
