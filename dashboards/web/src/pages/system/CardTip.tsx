/** All that a card measures, beside the cell that is pointed at or has the focus. */

import { useLayoutEffect, useRef } from "react";
import { useText } from "../../locales/useText";
import { measureText, pastText, silentText } from "./cardTexts";
import { type Card, type Host, MEASURES, type Measure, type Shape } from "./machines";
import s from "./machines.module.css";

type CardTipProps = {
  readonly anchor: HTMLElement;
  readonly host: Host;
  readonly card: Card;
  readonly measure: Measure;
  readonly shape: Shape | null;
  readonly now: number;
};

const APART = 6;

/** Below the cell, or above it where the window ends; never beyond the sides. */
function place(tip: HTMLElement, anchor: HTMLElement): void {
  const [cell, own] = [anchor.getBoundingClientRect(), tip.getBoundingClientRect()];
  const below = cell.bottom + APART;
  const top = below + own.height > innerHeight ? cell.top - APART - own.height : below;
  const left = Math.min(cell.left, innerWidth - own.width - APART);
  tip.style.transform = `translate(${Math.max(left, APART)}px, ${top}px)`;
}

export function CardTip({ anchor, host, card, measure, shape, now }: CardTipProps) {
  const texts = useText();
  const t = texts.system.machines;
  const tip = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const put = (): void => {
      if (tip.current) place(tip.current, anchor);
    };
    put();
    addEventListener("scroll", put, true);
    return () => removeEventListener("scroll", put, true);
  });
  return (
    // The cell itself says all of it to a screen reader.
    <div ref={tip} className={s.tip} aria-hidden="true">
      <div className={s.tipHead}>
        {host.machine.node} · {card.name}
      </div>
      <dl>
        {MEASURES.map((one) => (
          <div key={one} data-shown={one === measure}>
            <dt>{t.measures[one]}</dt>
            <dd>{measureText(card, one, t)}</dd>
          </div>
        ))}
      </dl>
      {shape && <div className={s.tipFoot}>{pastText(shape, measure, t)}</div>}
      {host.machine.status === "silent" && (
        <div className={s.tipFoot}>{silentText(host.machine, now, texts)}</div>
      )}
    </div>
  );
}
