import { expect, test } from "vitest";
import { stateOf } from "./state";

test("a living run that stands still says so, and an ended one never does", () => {
  expect(stateOf({ status: "running", stalled: true })).toBe("stalled");
  expect(stateOf({ status: "running", stalled: false })).toBe("running");
  expect(stateOf({ status: "crashed", stalled: true })).toBe("crashed");
});
