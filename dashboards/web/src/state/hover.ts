/** Which run the pointer is on, wherever it is: rows, lines and labels follow it. */

import { create } from "zustand";

export const useHover = create<{
  readonly run: string | null;
  readonly set: (run: string | null) => void;
}>()((set) => ({
  run: null,
  set: (run) => set((now) => (now.run === run ? now : { run })),
}));
