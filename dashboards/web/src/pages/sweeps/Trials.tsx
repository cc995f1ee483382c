/** The trials that are kept: the best first, or by any column. */

import { useMemo } from "react";
import type { SweepDetail, SweepTrial } from "../../api/types";
import { type Column, Grid } from "../../components/Grid";
import { formatDuration, formatMetric } from "../../data/format";
import { formatMoment } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { bestFirst, sorted, tookOf } from "./order";
import s from "./sweeps.module.css";
import { TrialLink } from "./TrialLink";
import { idOf, type Shown, shortOf } from "./trials";

type TrialsProps = {
  readonly sweep: SweepDetail;
  readonly shown: Shown;
  /** Empty for the best first. */
  readonly sort: string;
  readonly onSort: (sort: string) => void;
  readonly hovered: string | null;
  readonly onHover: (id: string | null) => void;
};

/** So many rows are shown at their full height; of more, a part at a time. */
const SHORT = 14;

export function Trials({ sweep, shown, sort, onSort, hovered, onHover }: TrialsProps) {
  const t = useText();
  const now = useNow();
  const order = sort !== "" ? sort : bestFirst(sweep.metric);
  const rows = useMemo(() => sorted([...shown.kept], order, now), [shown.kept, order, now]);
  return (
    <div className={s.trials} data-many={rows.length > SHORT}>
      <Grid
        auto={rows.length <= SHORT}
        label={t.sweeps.trials}
        columns={columnsOf(sweep, shown, now, t)}
        rows={rows}
        rowId={idOf}
        sort={order}
        onSort={onSort}
        hovered={hovered}
        onHover={onHover}
        dim={(trial) => hovered !== null && idOf(trial) !== hovered}
      />
    </div>
  );
}

function columnsOf(
  sweep: SweepDetail,
  { swept }: Shown,
  now: number,
  t: Texts,
): readonly Column<SweepTrial>[] {
  const c = t.sweeps;
  const value: Column<SweepTrial> = {
    id: "value",
    header: sweep.metric?.name ?? c.value,
    width: 128,
    end: true,
    sort: "value",
    cell: (trial) => (
      <span className={s.value}>
        {trial.number === sweep.best?.number && <i>{c.best}</i>}
        {trial.value === null ? "–" : formatMetric(trial.value)}
      </span>
    ),
  };
  return [
    {
      id: "number",
      header: c.number,
      width: 64,
      end: true,
      sort: "number",
      cell: ({ number }) => String(number),
    },
    {
      id: "run",
      header: c.run,
      width: 130,
      grow: true,
      cell: (trial) => <TrialLink trial={trial} />,
    },
    ...(sweep.metric ? [value] : []),
    ...swept.map(
      ({ name }): Column<SweepTrial> => ({
        id: `p:${name}`,
        header: name,
        width: 112,
        end: true,
        sort: `p:${name}`,
        cell: ({ parameters }) => shortOf(parameters[name]),
      }),
    ),
    {
      id: "state",
      header: c.state,
      width: 104,
      sort: "state",
      roomy: true,
      cell: ({ state }) => c.states[state],
    },
    {
      id: "began",
      header: c.began,
      width: 128,
      mono: true,
      roomy: true,
      sort: "number",
      cell: ({ began_at: at }) => formatMoment(at),
    },
    {
      id: "took",
      header: c.took,
      width: 84,
      end: true,
      roomy: true,
      sort: "took",
      cell: (trial) => {
        const took = tookOf(trial, now);
        return took === null ? "–" : formatDuration(took);
      },
    },
  ];
}
