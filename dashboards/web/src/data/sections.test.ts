import { expect, test } from "vitest";
import { searchKeys, shortName, toSections } from "./sections";

test("keys group by their first part, what matters first", () => {
  const sections = toSections([
    "grad/l.10",
    "grad/l.2",
    "val/loss",
    "loss",
    "train/loss",
    "train/acc",
  ]);
  expect(sections).toEqual([
    { name: "", keys: ["loss"] },
    { name: "train", keys: ["train/acc", "train/loss"] },
    { name: "val", keys: ["val/loss"] },
    { name: "grad", keys: ["grad/l.2", "grad/l.10"] },
  ]);
});

test("a chart is named without its section", () => {
  expect(shortName("train/loss/ema")).toBe("loss/ema");
  expect(shortName("loss")).toBe("loss");
  expect(shortName("/odd")).toBe("/odd");
});

test("a search is a pattern, or literal text when it is none", () => {
  expect(searchKeys(["a/loss", "a/acc"], "loss|x")).toEqual(["a/loss"]);
  expect(searchKeys(["a(b", "ab"], "a(")).toEqual(["a(b"]);
});
