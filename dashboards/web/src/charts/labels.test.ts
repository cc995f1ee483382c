import { expect, test } from "vitest";
import { elide, spreadLabels } from "./labels";

const label = (id: string, wanted: number) => ({ id, wanted });

test("labels far apart stay where their lines end", () => {
  const places = spreadLabels([label("a", 10), label("b", 50)], 12, 0, 100);
  expect([...places]).toEqual([
    ["a", 10],
    ["b", 50],
  ]);
});

test.each([[[50, 50, 50]], [[98, 99, 100]], [[0, 1, 2, 3]]])(
  "crowded labels %j keep their distance and stay inside",
  (wanted) => {
    const places = [
      ...spreadLabels(
        wanted.map((at, index) => label(String(index), at)),
        12,
        0,
        100,
      ).values(),
    ];
    places.sort((a, b) => a - b);
    for (let index = 1; index < places.length; index += 1) {
      expect((places[index] ?? 0) - (places[index - 1] ?? 0)).toBeGreaterThanOrEqual(12);
    }
    expect(places.at(-1)).toBeLessThanOrEqual(100);
  },
);

test("a long name keeps both ends", () => {
  const measure = (text: string): number => text.length;
  expect(elide("swift-fox-17", 8, measure)).toBe("swif\u2026-17");
  expect(elide("fox", 8, measure)).toBe("fox");
});
