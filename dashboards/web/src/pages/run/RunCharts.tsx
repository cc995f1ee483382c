/** The board with one run on it. */

import { useMemo } from "react";
import type { RunDetail } from "../../api/types";
import { useLook } from "../../components/ChartTheme";
import { lineStyle } from "../../data/palette";
import { BOARD, useView } from "../../state/views";
import { Board } from "../board/Board";
import type { DrawnRun } from "../board/ChartCell";

export function RunCharts({ run }: { readonly run: RunDetail }) {
  const { palette, ground } = useLook();
  const [view, change] = useView(BOARD);
  const { run: address, name, status } = run;
  const drawn = useMemo<readonly DrawnRun[]>(
    () => [{ run: address, name, live: status === "running", ...lineStyle(0, palette, ground) }],
    [address, name, status, palette, ground],
  );
  return <Board runs={drawn} view={view} change={change} />;
}
