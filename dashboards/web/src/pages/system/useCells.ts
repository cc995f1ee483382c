/** Which cell is pointed at, and how the arrow keys go from one to the next: one stop of the Tab key. */

import {
  type FocusEvent,
  type HTMLAttributes,
  type KeyboardEvent,
  type PointerEvent,
  useState,
} from "react";
import type { Host } from "./machines";

type Place = { readonly machine: string; readonly card: string };
export type Shown = Place & { readonly cell: HTMLElement };

function cellAt(target: EventTarget): Shown | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-card]") : null;
  const { machine, card } = cell?.dataset ?? {};
  return cell && machine !== undefined && card !== undefined ? { machine, card, cell } : null;
}

const cellsOf = (row: Element | undefined): readonly HTMLElement[] => [
  ...(row?.querySelectorAll<HTMLElement>("[data-card]") ?? []),
];

/** The cell an arrow key leads to: along a machine, or to the same place of the next one with cards. */
function cellBeside(list: HTMLElement, cell: HTMLElement, key: string): HTMLElement | undefined {
  const rows = [...list.children].map(cellsOf).filter((cells) => cells.length > 0);
  const at = rows.findIndex((cells) => cells.includes(cell));
  const own = rows[at] ?? [];
  const place = own.indexOf(cell);
  const down = (row: readonly HTMLElement[] | undefined) => row?.[Math.min(place, row.length - 1)];
  switch (key) {
    case "ArrowLeft":
      return own[place - 1] ?? rows[at - 1]?.at(-1);
    case "ArrowRight":
      return own[place + 1] ?? rows[at + 1]?.[0];
    case "ArrowUp":
      return down(rows[at - 1]);
    case "ArrowDown":
      return down(rows[at + 1]);
    case "Home":
      return own[0];
    case "End":
      return own.at(-1);
    default:
      return undefined;
  }
}

const isThere = (place: Place, hosts: readonly Host[]): boolean =>
  hosts.some(
    ({ machine, cards }) =>
      machine.node === place.machine && cards.some(({ id }) => id === place.card),
  );

function firstOf(hosts: readonly Host[]): Place | null {
  const host = hosts.find(({ cards }) => cards.length > 0);
  const card = host?.cards[0];
  return host && card ? { machine: host.machine.node, card: card.id } : null;
}

export function useCells(hosts: readonly Host[]) {
  const [last, setLast] = useState<Place | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const handlers: HTMLAttributes<HTMLUListElement> = {
    onFocus: ({ target }: FocusEvent) => {
      const found = cellAt(target);
      setShown(found);
      if (found) setLast({ machine: found.machine, card: found.card });
    },
    onBlur: () => setShown(null),
    onPointerOver: ({ target }: PointerEvent) => setShown(cellAt(target)),
    onPointerLeave: () => setShown(null),
    onKeyDown: (event: KeyboardEvent<HTMLUListElement>) => {
      const found = cellAt(event.target);
      if (!found) return;
      if (event.key === "Escape") setShown(null);
      const next = cellBeside(event.currentTarget, found.cell, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
    },
  };
  return { shown, current: last && isThere(last, hosts) ? last : firstOf(hosts), handlers };
}
