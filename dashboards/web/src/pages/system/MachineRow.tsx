/** One machine: whether it is heard of, which runs live there, and what it and its cards do. */

import { Link } from "@tanstack/react-router";
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { Machine } from "../../api/types";
import type { Ground } from "../../data/palette";
import { useText } from "../../locales/useText";
import type { Past } from "../../state/cluster";
import { cardText, pastText, silentText } from "./cardTexts";
import {
  type Card,
  finite,
  formatMeasure,
  type Host,
  keyOf,
  LEVELS,
  livingOn,
  type Measure,
  PERCENT,
  paintOf,
  ratioOf,
  type Scale,
  type Shape,
  shapeOf,
} from "./machines";
import s from "./machines.module.css";
import { Strip } from "./Strip";

/** More projects than these are counted, not named. */
const NAMED = 3;

export type MachineRowProps = {
  readonly host: Host;
  /** Those of the living runs that were begun there. */
  readonly projects: readonly string[];
  readonly past: Past | undefined;
  readonly measure: Measure;
  readonly scale: Scale;
  readonly ground: Ground;
  readonly now: number;
  /** The card that the Tab key reaches, if it is one of these. */
  readonly current: string | null;
};

export const MachineRow = memo(function MachineRow({
  host: { machine, cards },
  projects,
  past,
  measure,
  scale,
  ground,
  now,
  current,
}: MachineRowProps) {
  const texts = useText();
  const t = texts.system.machines;
  const lines = past?.lines.get(machine.node);
  const row = useRef<HTMLLIElement>(null);
  const near = useNear(row);
  const shapes = useMemo(() => {
    const found = new Map<string, Shape>();
    if (!(past && near)) return found;
    for (const [key, line] of lines ?? []) {
      const levels: readonly string[] = LEVELS;
      const own = levels.includes(key) ? PERCENT : scale;
      found.set(key, shapeOf(line, [past.begin, past.end], own));
    }
    return found;
  }, [past, near, lines, scale]);
  return (
    <li ref={row} className={s.machine} data-status={machine.status}>
      <div className={s.who}>
        <h3>
          <Mark status={machine.status} />
          {machine.node}
        </h3>
        <p className={s.status}>
          {machine.status === "up" ? t.up : silentText(machine, now, texts)}
        </p>
        <Runs machine={machine} projects={projects} />
      </div>
      {LEVELS.map((key) => (
        <Level
          key={key}
          name={t.levels[key]}
          value={finite(machine.metrics[key])}
          shape={shapes.get(key) ?? null}
        />
      ))}
      {cards.length === 0 ? (
        <p className={s.noCards}>{t.noCards}</p>
      ) : (
        <ul className={s.cards} aria-label={t.cards(machine.node)}>
          {cards.map((card) => (
            <li key={card.id}>
              <Cell
                machine={machine}
                card={card}
                shape={shapes.get(keyOf(card.id, measure)) ?? null}
                measure={measure}
                scale={scale}
                ground={ground}
                reachable={current === card.id}
              />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
});

/** Whether an element is on the screen or just beyond it: only there are strips worth drawing. */
function useNear(element: RefObject<Element | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => setNear(entry?.isIntersecting ?? false),
      { rootMargin: "240px 0px" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return near;
}

/** A ring, or a broken diamond: as runs are marked that are running, or give no news. */
function Mark({ status }: { readonly status: Machine["status"] }) {
  return (
    <svg className={s.mark} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {status === "up" ? (
        <circle cx="6" cy="6" r="3.7" strokeWidth="1.8" />
      ) : (
        <path d="M6 1.7 10.3 6 6 10.3 1.7 6z" strokeWidth="1.5" strokeDasharray="1.9 1.2" />
      )}
    </svg>
  );
}

type RunsProps = { readonly machine: Machine; readonly projects: readonly string[] };

function Runs({ machine, projects }: RunsProps) {
  const t = useText().system.machines;
  return (
    <p className={s.runs}>
      {t.runs(machine.runs)}
      {projects.slice(0, NAMED).map((project) => (
        <Link
          key={project}
          to="/p/$project"
          params={{ project }}
          search={{ q: livingOn(machine.node) }}
          aria-label={t.runsOf(project, machine.node)}
        >
          {project}
        </Link>
      ))}
      {projects.length > NAMED && <span>{t.more(projects.length - NAMED)}</span>}
    </p>
  );
}

type LevelProps = {
  readonly name: string;
  readonly value: number | null;
  /** Null until it has been read. */
  readonly shape: Shape | null;
};

function Level({ name, value, shape }: LevelProps) {
  const t = useText().system.machines;
  return (
    <div className={s.level}>
      <div>
        <span>{name}</span>
        <strong>{value === null ? "\u2013" : formatMeasure("load", value)}</strong>
      </div>
      {shape ? (
        <Strip shape={shape} label={`${name}: ${pastText(shape, "load", t)}`} />
      ) : (
        <Strip shape={null} />
      )}
    </div>
  );
}

type CellProps = {
  readonly machine: Machine;
  readonly card: Card;
  readonly shape: Shape | null;
  readonly measure: Measure;
  readonly scale: Scale;
  readonly ground: Ground;
  readonly reachable: boolean;
};

/** The number as short as it can be said: its unit stands at the scale. */
function shortly(measure: Measure, value: number): string {
  return `${Math.round(value)}${measure === "temperature" ? "\u00b0" : ""}`;
}

/** A silent machine's numbers are its last ones, not those of now: they stand without colour. */
function Cell({ machine, card, shape, measure, scale, ground, reachable }: CellProps) {
  const t = useText().system.machines;
  const value = card.now[measure];
  const told = value !== null && machine.status === "up";
  const paint = told ? paintOf(ratioOf(value, scale), ground) : null;
  const label = [
    `${card.name}: ${cardText(card, t).join(", ")}`,
    ...(shape ? [`${t.measures[measure]}: ${pastText(shape, measure, t)}`] : []),
  ].join("; ");
  return (
    <button
      type="button"
      className={s.card}
      data-machine={machine.node}
      data-card={card.id}
      tabIndex={reachable ? 0 : -1}
    >
      <span className="visuallyHidden">{label}</span>
      <span
        className={s.value}
        aria-hidden="true"
        data-told={told}
        style={paint ? { background: paint.fill, color: paint.ink } : {}}
      >
        {value === null ? "\u2013" : shortly(measure, value)}
      </span>
      <span className={s.trace} aria-hidden="true">
        <span className={s.index}>{card.index}</span>
        <Strip shape={shape} />
      </span>
    </button>
  );
}
