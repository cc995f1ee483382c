/** Three ways to smooth, each with the one number it needs; the server does the arithmetic. */

import { useEffect, useRef, useState } from "react";
import { Slider } from "../../components/controls";
import { useText } from "../../locales/useText";
import s from "./board.module.css";

type Kind = "off" | "ema" | "gaussian" | "average";
type Setting = {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly usual: number;
};

const KINDS: Record<Exclude<Kind, "off">, Setting> = {
  ema: { low: 0.05, high: 0.99, step: 0.01, usual: 0.6 },
  gaussian: { low: 1, high: 50, step: 1, usual: 4 },
  average: { low: 2, high: 200, step: 1, usual: 20 },
};

/** Dragging sends a number when the hand rests, not at every pixel. */
const REST_MS = 90;

function parse(value: string): { readonly kind: Kind; readonly amount: number } {
  const [kind, amount] = value.split(":");
  if (kind === "ema" || kind === "gaussian" || kind === "average")
    return { kind, amount: Number(amount) };
  return { kind: "off", amount: 0 };
}

const ROUNDS = ["", "ema:0.6", "ema:0.9", "ema:0.97"];

export function cycleSmoothing(value: string): string {
  return ROUNDS[(ROUNDS.indexOf(value) + 1) % ROUNDS.length] ?? "";
}

type SmoothingProps = { readonly value: string; readonly onChange: (value: string) => void };

export function Smoothing({ value, onChange }: SmoothingProps) {
  const t = useText().board;
  const { kind, amount } = parse(value);
  const [draft, setDraft] = useState(amount);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => setDraft(amount), [amount]);
  const choose = (next: string): void =>
    onChange(next === "off" ? "" : `${next}:${KINDS[next as keyof typeof KINDS].usual}`);
  const drag = (next: number): void => {
    setDraft(next);
    if (timer.current) clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(`${kind}:${next}`), REST_MS);
  };
  return (
    <span className={s.smooth}>
      <label className={s.smooth}>
        {t.smooth}
        <select className={s.select} value={kind} onChange={(event) => choose(event.target.value)}>
          {(["off", "ema", "gaussian", "average"] as const).map((name) => (
            <option key={name} value={name}>
              {t.smoothKinds[name]}
            </option>
          ))}
        </select>
      </label>
      {kind !== "off" && (
        <Slider
          label=""
          name={t.smooth}
          value={draft}
          low={KINDS[kind].low}
          high={KINDS[kind].high}
          step={KINDS[kind].step}
          text={String(draft)}
          onChange={drag}
        />
      )}
    </span>
  );
}
