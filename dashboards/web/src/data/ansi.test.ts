import { expect, test } from "vitest";
import { PLAIN, parseAnsi, stripAnsi } from "./ansi";

const ESC = "\u001b";

test("plain text is one piece", () => {
  expect(parseAnsi("hello").pieces).toEqual([{ text: "hello", style: PLAIN }]);
});

test("colours start and end where the codes say", () => {
  const { pieces } = parseAnsi(`a${ESC}[1;31mred${ESC}[0mb`);
  expect(pieces.map((piece) => piece.text)).toEqual(["a", "red", "b"]);
  expect(pieces[1]?.style).toMatchObject({ ink: 1, bold: true });
  expect(pieces[2]?.style).toEqual(PLAIN);
});

test.each([
  [`${ESC}[38;5;196m`, "#ff0000"],
  [`${ESC}[38;2;1;2;3m`, "#010203"],
  [`${ESC}[38;5;244m`, "#808080"],
  [`${ESC}[94m`, 12],
  [`${ESC}[38;5;9m`, 9],
])("%j sets the ink %s", (code, ink) => {
  expect(parseAnsi(`${code}x`).pieces[0]?.style.ink).toBe(ink);
});

test("a style carries over to the next line", () => {
  const first = parseAnsi(`${ESC}[32mgreen`);
  expect(parseAnsi("still", first.style).pieces[0]?.style.ink).toBe(2);
});

test.each([
  [`${ESC}[2Kdone`, "done"],
  [`${ESC}]0;title\u0007x`, "x"],
  [`${ESC}]8;;http://a${ESC}\\link${ESC}]8;;${ESC}\\`, "link"],
  ["be\u0007ll", "bell"],
  [`<script>${ESC}[m`, "<script>"],
])("%j shows as %j", (raw, shown) => {
  expect(stripAnsi(raw)).toBe(shown);
  expect(
    parseAnsi(raw)
      .pieces.map((piece) => piece.text)
      .join(""),
  ).toBe(shown);
});
