/** The state of a run by shape and colour, and always by word for those who see neither. */

import type { RunState } from "../api/types";
import { useText } from "../locales/useText";
import s from "./StatusGlyph.module.css";

function Shape({ status }: { readonly status: RunState }) {
  switch (status) {
    case "running":
      return <circle cx="6" cy="6" r="3.7" fill="none" strokeWidth="1.8" />;
    case "finished":
      return <circle cx="6" cy="6" r="3" stroke="none" />;
    case "failed":
      return <path d="M3 3l6 6M9 3l-6 6" fill="none" strokeWidth="1.8" />;
    case "crashed":
      return <path d="M6 1.8 10.7 10H1.3z" stroke="none" />;
    case "killed":
      return <rect x="2.5" y="2.5" width="7" height="7" stroke="none" />;
    case "stalled":
      return <path d="M6 1.7 10.3 6 6 10.3 1.7 6z" fill="none" strokeWidth="1.5" />;
    case "stale":
      return (
        <path
          d="M6 1.7 10.3 6 6 10.3 1.7 6z"
          fill="none"
          strokeWidth="1.5"
          strokeDasharray="1.9 1.2"
        />
      );
    case "preempted":
      return <path d="M6 2a4 4 0 0 1 0 8z" strokeWidth="1" />;
  }
}

export function StatusGlyph({
  status,
  size = 12,
}: {
  readonly status: RunState;
  readonly size?: number;
}) {
  const { states } = useText();
  return (
    <svg
      className={s.glyph}
      data-status={status}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      role="img"
      aria-label={states[status]}
    >
      <title>{states[status]}</title>
      <Shape status={status} />
    </svg>
  );
}
