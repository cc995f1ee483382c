/** A table that says what to draw of it, drawn; or the table, whoever would rather read it. */

import { useState } from "react";
import type { MediaItem } from "../../../api/types";
import { VegaChart } from "../../../charts/VegaChart";
import { useLook } from "../../../components/ChartTheme";
import { Failure, Progress } from "../../../components/states";
import type { Spec } from "../../../data/vega";
import { useText } from "../../../locales/useText";
import s from "./media.module.css";
import { useTable } from "./TableView";

type Props = {
  readonly run: string;
  readonly item: MediaItem;
  readonly spec: Spec;
  readonly path: string | null;
  readonly big: boolean;
};

const HEIGHT = 262;
/** What the head and the edges of a full view take. */
const AROUND = 140;

export function ChartView({ run, item, spec, path, big }: Props) {
  const t = useText();
  const { chart, palette, ground } = useLook();
  const { table, query } = useTable(run, path === null ? [] : [path]);
  const [failure, setFailure] = useState<unknown>(null);
  if (path === null) return <p className={s.note}>{t.media.lost}</p>;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (failure) return <Failure error={failure} retry={() => setFailure(null)} />;
  if (!table) return <Progress />;
  return (
    <VegaChart
      spec={spec}
      table={table}
      height={big ? Math.max(innerHeight - AROUND, HEIGHT) : HEIGHT}
      theme={chart}
      palette={palette}
      ground={ground}
      label={t.media.chartLabel(item.key, table.rows.length)}
      onFailure={setFailure}
    />
  );
}
