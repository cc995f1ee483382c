/** What a line chart is asked to show. */

import type { Range } from "../data/columns";
import type { Formatter } from "../data/format";
import type { XKind } from "./axes";
import type { Line } from "./drawLines";

export type PlotModel = {
  readonly lines: readonly Line[];
  readonly xKind: XKind;
  /** The range all charts of this axis share; null shows everything. */
  readonly xRange: Range | null;
  /** A range the y axis must hold, for shares of a whole. */
  readonly yRange: Range | null;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly clip: boolean;
  readonly focus: string | null;
  readonly formatY?: Formatter;
};
