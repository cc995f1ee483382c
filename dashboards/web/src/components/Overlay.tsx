/** What lies above the page: drawer, palette, key map. The browser's own dialog keeps focus and Escape right. */

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useText } from "../locales/useText";
import { Button } from "./controls";
import { cx } from "./cx";
import s from "./Overlay.module.css";

type DialogProps = {
  readonly label: string;
  readonly shape: "centre" | "wide" | "drawer";
  readonly onClose: () => void;
  readonly children: ReactNode;
};

export function Dialog({ label, shape, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (!element || element.open) return;
    element.showModal();
    // The browser would put the focus on the first tool; a field for typing is the one good reason.
    if (!element.querySelector("input")) element.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it natively; the click is for the backdrop
    <dialog
      ref={dialog}
      tabIndex={-1}
      className={cx(s.dialog, s[shape])}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current?.close();
      }}
    >
      {children}
    </dialog>
  );
}

export function Drawer({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const t = useText();
  return (
    <Dialog label={title} shape="drawer" onClose={onClose}>
      <div className={s.drawerHead}>
        <h2>{title}</h2>
        <Button label={t.close} icon="close" onClick={onClose} />
      </div>
      <div className={s.drawerBody}>{children}</div>
    </Dialog>
  );
}

export type Choice = {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly hint?: string;
  readonly icon?: ReactNode;
  readonly run: () => void;
};

const SHOWN = 60;

/** Every letter in order, not necessarily side by side; earlier and closer is better. Infinity is no match. */
export function fuzzyScore(text: string, search: string): number {
  const hay = text.toLowerCase();
  let at = -1;
  let score = 0;
  for (const letter of search.toLowerCase()) {
    const found = hay.indexOf(letter, at + 1);
    if (found < 0) return Number.POSITIVE_INFINITY;
    score += found - at - 1;
    at = found;
  }
  return score + hay.length / 100;
}

function search(choices: readonly Choice[], text: string): readonly Choice[] {
  if (text.trim() === "") return choices.slice(0, SHOWN);
  return choices
    .map((choice) => ({
      choice,
      score: fuzzyScore(`${choice.text} ${choice.kind}`, text.replaceAll(/\s/gu, "")),
    }))
    .filter(({ score }) => score < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.score - b.score)
    .slice(0, SHOWN)
    .map(({ choice }) => choice);
}

/** Runs, pages, metrics and actions by a few letters of their names. */
export function Palette({
  choices,
  onClose,
}: {
  readonly choices: readonly Choice[];
  readonly onClose: () => void;
}) {
  const t = useText();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => search(choices, text), [choices, text]);
  const pick = (choice: Choice | undefined): void => {
    if (!choice) return;
    onClose();
    choice.run();
  };
  const move = (by: number): void => {
    const next = (active + by + found.length) % Math.max(found.length, 1);
    setActive(next);
    list.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog label={t.palette.title} shape="centre" onClose={onClose}>
      <input
        className={s.input}
        autoFocus
        value={text}
        placeholder={t.palette.hint}
        role="combobox"
        aria-label={t.palette.title}
        aria-expanded={true}
        aria-controls="palette-choices"
        aria-activedescendant={found[active] ? `choice-${active}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") move(1);
          else if (event.key === "ArrowUp") move(-1);
          else if (event.key === "Enter") pick(found[active]);
          else return;
          event.preventDefault();
        }}
      />
      <div
        ref={list}
        id="palette-choices"
        className={s.choices}
        role="listbox"
        aria-label={t.palette.title}
        tabIndex={-1}
      >
        {found.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys
          <div
            key={choice.id}
            id={`choice-${index}`}
            className={s.choice}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onPointerMove={() => setActive(index)}
            onClick={() => pick(choice)}
          >
            <span className={s.choiceKind}>{choice.kind}</span>
            {choice.icon}
            <span className={s.choiceText}>{choice.text}</span>
            {choice.hint && <span className={s.choiceHint}>{choice.hint}</span>}
          </div>
        ))}
        {found.length === 0 && <p className={s.none}>{t.palette.none}</p>}
      </div>
    </Dialog>
  );
}

export function KeyMap({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  return (
    <Dialog label={t.keys.title} shape="centre" onClose={onClose}>
      <div className={s.dialogHead}>
        <h2>{t.keys.title}</h2>
        <Button label={t.close} icon="close" onClick={onClose} />
      </div>
      <ul className={s.keys}>
        {t.keys.list.map(([keys, text]) => (
          <li key={keys}>
            <span>{text}</span>
            <kbd>{keys}</kbd>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
