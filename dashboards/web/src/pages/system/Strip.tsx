/** The last 15 minutes of one value on a fixed scale: its mean, and its extremes around it. */

import { memo } from "react";
import { HEIGHT, type Shape, WIDTH } from "./machines";
import s from "./machines.module.css";

type StripProps = {
  readonly shape: Shape | null;
  /** What a screen reader says; without it something else says the same. */
  readonly label?: string;
};

export const Strip = memo(function Strip({ shape, label }: StripProps) {
  return (
    <svg
      className={s.strip}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      {shape && <path className={s.band} d={shape.band} />}
      {shape && <path className={s.line} d={shape.line} />}
    </svg>
  );
});
