/** Colours for everything drawn on canvas, by the ground that is shown now. */

import { createContext, useContext } from "react";
import type { ChartTheme } from "../charts/theme";
import type { Ground, PaletteName } from "../data/palette";

export type Look = {
  readonly chart: ChartTheme;
  readonly ground: Ground;
  readonly palette: PaletteName;
};

export const LookContext = createContext<Look | null>(null);

export function useLook(): Look {
  const look = useContext(LookContext);
  if (!look) throw new Error("charts need a LookContext around them");
  return look;
}
