/** What a page shows when it has nothing to show yet, nothing at all, or bad news. */

import type { ReactNode } from "react";
import { formatRatio } from "../data/format";
import { useText } from "../locales/useText";
import { Button } from "./controls";
import s from "./states.module.css";

/** A hairline that moves: loading takes no room and shifts nothing. */
export function Progress() {
  const t = useText();
  return <div className={s.progress} role="progressbar" aria-label={t.loading} />;
}

type EmptyProps = { readonly title: string; readonly children?: ReactNode; readonly code?: string };

/** An empty page names the lines of Python that would fill it. */
export function Empty({ title, children, code }: EmptyProps) {
  return (
    <div className={s.state}>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {code && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard
        <pre className={s.code} tabIndex={0}>
          {code}
        </pre>
      )}
    </div>
  );
}

type FailureProps = { readonly error: unknown; readonly retry?: () => void };

/** What failed, in the server's words, and the one thing to do about it. */
export function Failure({ error, retry }: FailureProps) {
  const t = useText();
  const status = statusOf(error);
  const title =
    status === 0 ? t.failure.offline : status === 404 ? t.failure.missing : t.failure.refused;
  return (
    <div className={s.state} role="alert">
      <h2>{title}</h2>
      <p>
        {status === 0
          ? t.failure.offlineHint
          : status === 404
            ? t.failure.missingHint
            : t.failure.refusedHint}
      </p>
      <p className={s.detail}>{error instanceof Error ? error.message : String(error)}</p>
      {retry && (
        <div>
          <Button label={t.retry} text={t.retry} bordered onClick={retry} />
        </div>
      )}
    </div>
  );
}

/** The status of the server's refusal, 0 where no reply came, null for any other fault. */
export function statusOf(error: unknown): number | null {
  if (
    typeof error === "object" &&
    error !== null &&
    "status" in error &&
    typeof error.status === "number"
  )
    return error.status;
  return null;
}

/** Partial answers say so: nobody should take 82 % of the files for all of them. */
export function Coverage({ ratio }: { readonly ratio: number }) {
  const t = useText();
  if (ratio >= 1) return null;
  return (
    <div className={s.coverage} role="status">
      <span className={s.coverageBar}>
        <span style={{ width: `${ratio * 100}%` }} />
      </span>
      {t.coverage(formatRatio(ratio))}
    </div>
  );
}
