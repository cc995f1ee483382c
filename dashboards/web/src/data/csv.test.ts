import { expect, test } from "vitest";
import { toCsv } from "./csv";

test("quotes, commas and line ends survive", () => {
  expect(
    toCsv([
      ["a", 'say "hi"', "x,y"],
      [1, null, -2.5],
    ]),
  ).toBe('a,"say ""hi""","x,y"\r\n1,,-2.5\r\n');
});

test.each(["=1+1", "+1", "-1", "@x", "\tx"])("text %j never runs as a formula", (text) => {
  expect(toCsv([[text]]).startsWith("'")).toBe(true);
});
