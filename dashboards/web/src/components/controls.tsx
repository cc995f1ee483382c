/** Buttons, segments, search fields and menus: plain elements with our look. */

import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import s from "./controls.module.css";
import { cx } from "./cx";
import { Icon, type IconName } from "./Icon";

type ButtonProps = {
  readonly label: string;
  readonly icon?: IconName;
  readonly text?: ReactNode;
  readonly pressed?: boolean;
  readonly bordered?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
};

export function Button({ label, icon, text, pressed, bordered, disabled, onClick }: ButtonProps) {
  return (
    <button
      type="button"
      className={cx(s.button, text === undefined && s.square, bordered && s.bordered)}
      title={label}
      aria-label={text === undefined || typeof text !== "string" ? label : undefined}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      {icon && <Icon name={icon} />}
      {text}
    </button>
  );
}

type SegmentsProps<Name extends string> = {
  readonly label: string;
  readonly value: Name;
  readonly options: readonly (readonly [Name, string])[];
  readonly onChange: (value: Name) => void;
};

/** One of a few: a radio group that looks like a ruler. */
export function Segments<Name extends string>({
  label,
  value,
  options,
  onChange,
}: SegmentsProps<Name>) {
  return (
    <div className={s.segments} role="radiogroup" aria-label={label}>
      {options.map(([name, text]) => (
        // biome-ignore lint/a11y/useSemanticElements: a native radio cannot be drawn as a segment in all browsers
        <button
          key={name}
          type="button"
          role="radio"
          className={s.segment}
          aria-checked={name === value}
          onClick={() => onChange(name)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

type SearchFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly clear: string;
  readonly mono?: boolean;
  readonly bad?: boolean;
  readonly describedBy?: string;
  readonly field?: RefObject<HTMLInputElement | null>;
  readonly className?: string | undefined;
};

/** The text is kept here while typing, so that a slow page never eats a letter. */
export function SearchField({
  label,
  value,
  onChange,
  clear,
  mono,
  bad,
  describedBy,
  field,
  className,
}: SearchFieldProps) {
  const [draft, setDraft] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) setDraft(value);
    sent.current = value;
  }, [value]);
  const change = (next: string): void => {
    setDraft(next);
    sent.current = next;
    onChange(next);
  };
  return (
    <div className={cx(s.search, mono && s.mono, className)} data-bad={bad}>
      <Icon name="search" size={14} />
      <input
        ref={field}
        type="text"
        value={draft}
        placeholder={label}
        aria-label={label}
        aria-invalid={bad}
        aria-describedby={describedBy}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
        }}
      />
      {draft !== "" && (
        <button type="button" className={s.clear} aria-label={clear} onClick={() => change("")}>
          <Icon name="close" size={12} />
        </button>
      )}
    </div>
  );
}

type MenuProps = {
  readonly label: string;
  readonly icon?: IconName;
  readonly text?: ReactNode;
  readonly align?: "start" | "end";
  readonly bordered?: boolean;
  readonly children: (close: () => void) => ReactNode;
};

/** A button with a panel below it; Escape, a click elsewhere, or a choice closes it. */
export function Menu({ label, icon, text, align = "start", bordered, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only catches Escape from the elements inside
    <div
      ref={root}
      className={s.menu}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        root.current?.querySelector("button")?.focus();
      }}
    >
      <button
        type="button"
        className={cx(s.button, text === undefined && s.square, bordered && s.bordered)}
        title={label}
        aria-label={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {icon && <Icon name={icon} />}
        {text}
      </button>
      {open && (
        <div id={id} className={s.panel} data-align={align}>
          {children(() => setOpen(false))}
        </div>
      )}
    </div>
  );
}

type ItemProps = {
  readonly text: ReactNode;
  readonly icon?: IconName;
  readonly hint?: ReactNode;
  readonly checked?: boolean;
  readonly onClick: () => void;
};

export function MenuItem({ text, icon, hint, checked, onClick }: ItemProps) {
  return (
    <button type="button" className={s.item} aria-pressed={checked} onClick={onClick}>
      {checked !== undefined && <Icon name={checked ? "eye" : "eyeOff"} size={14} />}
      {icon && <Icon name={icon} size={14} />}
      <span>{text}</span>
      {hint !== undefined && <span className={s.itemKey}>{hint}</span>}
    </button>
  );
}

type SliderProps = {
  readonly label: string;
  /** What a screen reader says where the label is empty. */
  readonly name?: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly text: string;
  readonly onChange: (value: number) => void;
};

export function Slider({ label, name, value, low, high, step, text, onChange }: SliderProps) {
  return (
    <label className={s.slider}>
      {label !== "" && <span>{label}</span>}
      <input
        type="range"
        aria-label={name ?? label}
        min={low}
        max={high}
        step={step}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output>{text}</output>
    </label>
  );
}
