/** The machine while this run used it. */

import { useMemo } from "react";
import type { RunDetail } from "../../api/types";
import { Button, Segments } from "../../components/controls";
import { Empty, Failure, Progress } from "../../components/states";
import { useText } from "../../locales/useText";
import { useKeys, useRows } from "../../state/queries";
import { useSeries } from "../../state/series";
import { BOARD, useView } from "../../state/views";
import { CoreHeat, type CoreSample } from "../system/CoreHeat";
import { GaugeGroups } from "../system/GaugeGroups";
import { GaugePanel } from "../system/GaugePanel";
import { type Gauge, gaugesOf } from "../system/gauges";
import s from "./run.module.css";

type Props = { readonly run: RunDetail };

const EXAMPLE = `run = tracklab.init(project="my-project", system_monitor=True)`;
const CORES = "cpu_percent_per_core";
const PIXELS = 512;
const HEAT_COLUMNS = 400;

export function RunSystem({ run }: Props) {
  const t = useText();
  const [view, change] = useView(BOARD);
  const live = run.status === "running";
  const keys = useKeys([run.run], "system", live);
  const names = useMemo(() => (keys.data?.keys ?? []).map(({ key }) => key), [keys.data]);
  const gauges = useMemo(() => gaugesOf(names, t.system), [names, t]);
  // Rows of the machine have no step: its own clock is the usual axis.
  const axis = view.x === "relative" ? "relative" : "time";
  if (keys.error) return <Failure error={keys.error} retry={() => void keys.refetch()} />;
  if (keys.isLoading) return <Progress />;
  if (gauges.length === 0) {
    return (
      <Empty title={t.system.empty} code={EXAMPLE}>
        {t.system.emptyHint}
      </Empty>
    );
  }
  return (
    <>
      <div className={s.toolbar}>
        <Segments
          label={t.board.x}
          value={axis}
          options={[
            ["time", t.board.time],
            ["relative", t.board.relative],
          ]}
          onChange={(x) => change({ x, zoom: null })}
        />
        {view.zoom !== null && (
          <Button
            label={t.board.unzoom}
            text={t.board.unzoom}
            bordered
            onClick={() => change({ zoom: null })}
          />
        )}
      </div>
      <GaugeGroups
        gauges={gauges}
        lead={(group) => group === "cpu" && names.includes(CORES) && <Cores run={run} />}
      >
        {(gauge) => (
          <RunGauge
            run={run}
            gauge={gauge}
            axis={axis}
            zoom={view.zoom}
            onZoom={(zoom) => change({ zoom }, "push")}
          />
        )}
      </GaugeGroups>
    </>
  );
}

type RunGaugeProps = Props & {
  readonly gauge: Gauge;
  readonly axis: "time" | "relative";
  readonly zoom: readonly [number, number] | null;
  readonly onZoom: (range: readonly [number, number] | null) => void;
};

function RunGauge({ run, gauge, axis, zoom, onZoom }: RunGaugeProps) {
  const t = useText();
  const units = useMemo(
    () => gauge.lines.map(({ key }) => ({ run: run.run, key })),
    [gauge, run.run],
  );
  const loaded = useSeries(units, {
    stream: "system",
    x: axis,
    range: zoom,
    px: PIXELS,
    smooth: "",
  });
  const columns = useMemo(() => loaded.map((one) => one.columns), [loaded]);
  return (
    <GaugePanel
      gauge={gauge}
      columns={columns}
      axis={axis}
      xName={t.board.xNames[axis]}
      zoom={zoom}
      loading={loaded.some(({ state }) => state === "loading")}
      coverage={Math.min(1, ...loaded.map(({ coverage }) => coverage))}
      onZoom={onZoom}
    />
  );
}

const isLoad = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => typeof one === "number");

function Cores({ run }: Props) {
  const t = useText();
  const rows = useRows(run.run, "system", [CORES], HEAT_COLUMNS, run.status === "running");
  const samples = useMemo(
    () =>
      [...(rows.data?.rows ?? [])].reverse().flatMap<CoreSample>((row) => {
        const load = row[CORES];
        return isLoad(load) && row._timestamp !== undefined ? [{ t: row._timestamp, load }] : [];
      }),
    [rows.data],
  );
  return (
    <div className={s.heatBlock}>
      <div className={s.mediumHead}>
        <h2>{t.system.perCore}</h2>
      </div>
      <CoreHeat samples={samples} />
    </div>
  );
}
