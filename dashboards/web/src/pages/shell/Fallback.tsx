/** What stands in place of a page that does not exist or could not be shown. */

import type { ErrorComponentProps } from "@tanstack/react-router";
import { Empty, Failure } from "../../components/states";
import { useText } from "../../locales/useText";

export function Missing() {
  const t = useText();
  return <Empty title={t.failure.missing}>{t.failure.missingHint}</Empty>;
}

export function Broken({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} retry={reset} />;
}
