import { expect, test } from "vitest";
import { joinLines } from "./console";

const line = (offset: number, text: string) => ({ offset, text });

test("new lines follow, and a line that has grown is replaced", () => {
  const before = [line(0, "a"), line(2, "10%")];
  expect(joinLines(before, [line(2, "100%"), line(7, "done")])).toEqual([
    line(0, "a"),
    line(2, "100%"),
    line(7, "done"),
  ]);
  expect(joinLines(before, [])).toBe(before);
});
