import { expect, test } from "vitest";
import { keyName } from "./keyboard";

const press = (
  key: string,
  held: Partial<{ ctrlKey: boolean; metaKey: boolean; shiftKey: boolean }> = {},
) => keyName({ key, ctrlKey: false, metaKey: false, shiftKey: false, ...held });

test.each([
  [press("k", { ctrlKey: true }), "Control+k"],
  [press("k", { metaKey: true }), "Control+k"],
  [press("L", { shiftKey: true }), "Shift+l"],
  [press("?", { shiftKey: true }), "?"],
  [press("Enter"), "Enter"],
  [press("/"), "/"],
])("a press is named %s", (name, expected) => {
  expect(name).toBe(expected);
});
