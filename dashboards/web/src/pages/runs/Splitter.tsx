/** The rule between table and charts; it moves by mouse and by arrow keys. */

import { type RefObject, useRef } from "react";
import { useText } from "../../locales/useText";
import s from "./runs.module.css";

const [LEAST, MOST, START] = [18, 82, 42];

export function Splitter({ frame }: { readonly frame: RefObject<HTMLDivElement | null> }) {
  const t = useText();
  const share = useRef(START);
  const move = (next: number, handle: HTMLElement): void => {
    share.current = Math.min(Math.max(next, LEAST), MOST);
    frame.current?.style.setProperty("--share", `${share.current}%`);
    handle.setAttribute("aria-valuenow", String(Math.round(share.current)));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      className={s.handle}
      role="separator"
      aria-orientation="vertical"
      aria-label={t.runs.fold}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={START}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const box = frame.current?.getBoundingClientRect();
        if (box && event.buttons === 1)
          move(((event.clientX - box.left) / box.width) * 100, event.currentTarget);
      }}
      onDoubleClick={(event) => move(START, event.currentTarget)}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") move(share.current - 2, event.currentTarget);
        if (event.key === "ArrowRight") move(share.current + 2, event.currentTarget);
      }}
    />
  );
}
