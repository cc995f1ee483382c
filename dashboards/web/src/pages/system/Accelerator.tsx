/** One card: what it is, and whose processes hold its memory. */

import { Link } from "@tanstack/react-router";
import type { Accelerator as Card } from "../../api/types";
import { KeyValues } from "../../components/KeyValues";
import { formatBytes } from "../../data/format";
import { useText } from "../../locales/useText";
import { deviceName } from "./gauges";
import s from "./system.module.css";

const bytes = (value: number | null | undefined): string | null =>
  value === null || value === undefined ? null : formatBytes(value);

export function Accelerator({ card }: { readonly card: Card }) {
  const t = useText().system.card;
  const parts = (card.mig ?? []).map(({ index, name, memory_total_bytes }) =>
    [index, name, bytes(memory_total_bytes)].filter((one) => one !== null).join(" · "),
  );
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    [t.memory, bytes(card.memory_total_bytes)],
    [t.driver, card.driver],
    [t.bus_id, card.bus_id],
    [t.uuid, card.uuid],
    [t.parts, parts.length > 0 ? parts.join("\n") : null],
  ];
  return (
    <section className={s.card} aria-label={deviceName(card.kind, String(card.index))}>
      <h3>
        {deviceName(card.kind, String(card.index))}
        {card.name ? ` · ${card.name}` : ""}
      </h3>
      <KeyValues entries={facts.flatMap(([name, value]) => (value ? [[name, value]] : []))} />
      {card.processes && card.processes.length > 0 && (
        <>
          <h4>{t.processes}</h4>
          <Processes processes={card.processes} />
        </>
      )}
    </section>
  );
}

type Held = NonNullable<Card["processes"]>;

function Processes({ processes }: { readonly processes: Held }) {
  return (
    <ul className={s.processes}>
      {processes.map((process) => (
        <li key={process.pid}>
          <Owner pid={process.pid} run={process.run} />
          <span>{bytes(process.memory_used_bytes)}</span>
        </li>
      ))}
    </ul>
  );
}

function Owner({ pid, run }: { readonly pid: number; readonly run: string | null }) {
  const t = useText().system.card;
  if (run === null) return t.stranger(pid);
  const cut = run.lastIndexOf("/");
  return (
    <Link
      to="/p/$project/r/$run/$tab"
      params={{ project: run.slice(0, cut), run: run.slice(cut + 1), tab: "system" }}
      title={t.stranger(pid)}
    >
      {run}
    </Link>
  );
}
