/** The machines on which runs are written, a row for each, with a cell for each accelerator. */

import { useMemo } from "react";
import { useLook } from "../../components/ChartTheme";
import { Button, Segments } from "../../components/controls";
import { Coverage, Failure, Progress } from "../../components/states";
import { formatStamp } from "../../data/time";
import { type Texts, useText } from "../../locales/useText";
import { useNow } from "../../state/clock";
import { type Past, useMachines, usePast, useProjectsByHost } from "../../state/cluster";
import { MACHINES, useView } from "../../state/views";
import { CardTip } from "./CardTip";
import { MachineRow } from "./MachineRow";
import {
  cardsOf,
  formatMeasure,
  type Host,
  keyOf,
  MEASURES,
  type Measure,
  paintOf,
  pastKeys,
  type Scale,
  scaleOf,
  shapeOf,
} from "./machines";
import s from "./machines.module.css";
import { type Shown, useCells } from "./useCells";

export function Machines() {
  const t = useText().system.machines;
  const machines = useMachines();
  const hosts = useMemo(
    () => machines.data?.nodes.map((machine) => ({ machine, cards: cardsOf(machine.metrics) })),
    [machines.data],
  );
  if (machines.isPending) return <Progress />;
  // Nothing is being written: the page goes on with the server's own machine.
  if (hosts?.length === 0) return null;
  return (
    <section className={s.machines} aria-labelledby="machines">
      <div className={s.heading}>
        <h2 id="machines">{t.title}</h2>
        {hosts && <small>{summary(hosts, t)}</small>}
        {hosts && machines.isError && <small>{t.asOf(formatStamp(machines.dataUpdatedAt))}</small>}
      </div>
      {hosts ? (
        <Hosts hosts={hosts} />
      ) : (
        <Failure error={machines.error} retry={() => void machines.refetch()} />
      )}
    </section>
  );
}

function summary(hosts: readonly Host[], t: Texts["system"]["machines"]): string {
  const silent = hosts.filter(({ machine }) => machine.status === "silent").length;
  const cards = hosts.reduce((sum, host) => sum + host.cards.length, 0);
  return t.summary(hosts.length, silent, cards);
}

function Hosts({ hosts }: { readonly hosts: readonly Host[] }) {
  const { retry, system } = useText();
  const t = system.machines;
  const { ground } = useLook();
  const [{ measure }, change] = useView(MACHINES);
  const cards = useMemo(() => hosts.flatMap((host) => host.cards), [hosts]);
  const [low, high] = scaleOf(measure, cards);
  const scale = useMemo<Scale>(() => [low, high], [low, high]);
  const past = usePast(pastKeys(hosts, measure));
  const projects = useProjectsByHost();
  const now = useNow();
  const cells = useCells(hosts);
  const tip = cells.shown && tipOf(cells.shown, hosts, past.data, measure, scale);
  return (
    <>
      {cards.length > 0 && (
        <div className={s.tools}>
          <Segments
            label={t.show}
            value={measure}
            options={MEASURES.map((one) => [one, t.measures[one]])}
            onChange={(chosen) => change({ measure: chosen })}
          />
          <Legend measure={measure} scale={scale} />
        </div>
      )}
      <Coverage ratio={past.data?.coverage ?? 1} />
      {past.isError && (
        <p className={s.trouble} role="status">
          {t.pastFailed(past.error.message)}
          <Button label={retry} text={retry} bordered onClick={() => void past.refetch()} />
        </p>
      )}
      <ul className={s.list} {...cells.handlers}>
        {hosts.map((host) => (
          <MachineRow
            key={host.machine.node}
            host={host}
            projects={projects.data?.get(host.machine.node) ?? NONE}
            past={past.data}
            measure={measure}
            scale={scale}
            ground={ground}
            now={now}
            current={cells.current?.machine === host.machine.node ? cells.current.card : null}
          />
        ))}
      </ul>
      {tip && <CardTip {...tip} measure={measure} now={now} />}
    </>
  );
}

const NONE: readonly string[] = [];

/** What the tooltip says of a cell; null once its machine or card is gone. */
function tipOf(
  { machine, card: id, cell }: Shown,
  hosts: readonly Host[],
  past: Past | undefined,
  measure: Measure,
  scale: Scale,
) {
  const host = hosts.find((one) => one.machine.node === machine);
  const card = host?.cards.find((one) => one.id === id);
  if (!host || !card) return null;
  const line = past?.lines.get(machine)?.get(keyOf(id, measure));
  const shape = past && line ? shapeOf(line, [past.begin, past.end], scale) : null;
  return { anchor: cell, host, card, shape };
}

type LegendProps = { readonly measure: Measure; readonly scale: Scale };

/** Which value has which colour. */
function Legend({ measure, scale: [low, high] }: LegendProps) {
  const { ground } = useLook();
  const colours = [0, 0.25, 0.5, 0.75, 1].map((ratio) => paintOf(ratio, ground).fill);
  return (
    <span className={s.legend}>
      {formatMeasure(measure, low)}
      <span style={{ background: `linear-gradient(90deg, ${colours.join(", ")})` }} />
      {formatMeasure(measure, high)}
    </span>
  );
}
