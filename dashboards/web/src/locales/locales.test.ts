import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

/** Every leaf with its path; the compiler checks the shape, this checks what it cannot see. */
function leaves(value: unknown, path = ""): Map<string, unknown> {
  const found = new Map<string, unknown>();
  if (typeof value !== "object" || value === null) return found.set(path, value);
  for (const [key, inner] of Object.entries(value)) {
    for (const [at, leaf] of leaves(inner, `${path}.${key}`)) found.set(at, leaf);
  }
  return found;
}

test("both languages have the same entries", () => {
  expect([...leaves(zh).keys()].sort()).toEqual([...leaves(en).keys()].sort());
});

test("no entry is empty in one language only", () => {
  const other = leaves(zh);
  const unlike = [...leaves(en)].filter(
    ([path, text]) => typeof text === "string" && (text === "") !== (other.get(path) === ""),
  );
  expect(unlike).toEqual([]);
});

test("functions take the same arguments", () => {
  const other = leaves(zh);
  for (const [path, text] of leaves(en)) {
    if (typeof text === "function") expect(typeof other.get(path)).toBe("function");
  }
});

test.each([
  [10, "just now"],
  [120, "2 min. ago"],
  [7200, "2 hr. ago"],
  [86_400, "yesterday"],
])("%d seconds ago reads %s", (seconds, expected) => {
  expect(en.ago(seconds)).toBe(expected);
});
