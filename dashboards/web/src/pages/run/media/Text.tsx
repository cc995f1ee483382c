/** A text, or any value as it stands in the row. */

import s from "./media.module.css";

export function Text({ value }: { readonly value: unknown }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard
    <pre className={s.text} tabIndex={0}>
      {text}
    </pre>
  );
}
