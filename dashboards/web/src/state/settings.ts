/** What a person prefers, kept in local storage; nothing else ever goes there. */

import { create } from "zustand";
import { persist } from "zustand/middleware";
import type { Ground, PaletteName } from "../data/palette";

export type Theme = "system" | "light" | "dark";
export type Density = "compact" | "default" | "relaxed";
export type LanguageChoice = "auto" | "en" | "zh";

export type Settings = {
  readonly theme: Theme;
  readonly density: Density;
  readonly palette: PaletteName;
  readonly language: LanguageChoice;
  /** Single-letter keys can be in the way of speech input and browser extensions. */
  readonly letterKeys: boolean;
  readonly change: (patch: Partial<Omit<Settings, "change">>) => void;
};

export const useSettings = create<Settings>()(
  persist(
    (set) => ({
      theme: "system",
      density: "default",
      palette: "petroff",
      language: "auto",
      letterKeys: true,
      change: (patch) => set(patch),
    }),
    // boot.js reads the same entry before the first paint.
    { name: "tracklab.settings", version: 1 },
  ),
);

const DARK_QUERY = "(prefers-color-scheme: dark)";

export function groundOf(theme: Theme): Ground {
  if (theme !== "system") return theme;
  return matchMedia(DARK_QUERY).matches ? "dark" : "light";
}

/** Call `change` when the system itself turns light or dark. */
export function watchSystemTheme(change: () => void): () => void {
  const query = matchMedia(DARK_QUERY);
  query.addEventListener("change", change);
  return () => query.removeEventListener("change", change);
}

export function languageOf(choice: LanguageChoice): "en" | "zh" {
  if (choice !== "auto") return choice;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** Put the settings where CSS reads them. */
export function applySettings({ theme, density, language }: Settings): void {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset["theme"];
  else dataset["theme"] = theme;
  dataset["density"] = density;
  document.documentElement.lang = languageOf(language) === "zh" ? "zh-CN" : "en";
}
