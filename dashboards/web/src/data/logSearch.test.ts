import { expect, test } from "vitest";
import { streamsOf, toMatcher, toQuestion } from "./logSearch";

test.each([
  ["loss", { q: "loss" }],
  ["/loss|nan/", { re: "loss|nan" }],
  ["/usr/lib", { q: "/usr/lib" }],
  ["//", { q: "//" }],
])("%s asks for %j", (find, question) => {
  expect(toQuestion(find)).toEqual(question);
});

test("lines are matched in any case by a text, exactly by an expression", () => {
  expect(toMatcher("LOSS")?.("the loss")).toBe(true);
  expect(toMatcher("/^l.ss$/")?.("loss")).toBe(true);
  expect(toMatcher("/^l.ss$/")?.("Loss")).toBe(false);
});

test("nothing, or half an expression, matches nothing", () => {
  expect(toMatcher("")).toBeNull();
  expect(toMatcher("/(/")).toBeNull();
});

test("console text is never asked for with a level", () => {
  expect(streamsOf("stderr", "ERROR")).toEqual({ stream: "stderr" });
  expect(streamsOf("app", "ERROR")).toEqual({ stream: "app", level: "ERROR" });
  expect(streamsOf("all", "DEBUG")).toEqual({});
});
