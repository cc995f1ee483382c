/** One call in full; its words only if the run chose to record them. */

import type { LlmCall } from "../../api/types";
import { KeyValues } from "../../components/KeyValues";
import { Drawer } from "../../components/Overlay";
import { formatCount, formatDollars, formatDuration, formatValue } from "../../data/format";
import { formatStamp } from "../../data/time";
import { useText } from "../../locales/useText";
import s from "./llm.module.css";

function contentText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export function CallDrawer({
  call,
  onClose,
}: {
  readonly call: LlmCall;
  readonly onClose: () => void;
}) {
  const t = useText();
  const { request, response, ...rest } = call.data as Record<string, unknown>;
  const time = (seconds: number | null): string =>
    seconds === null ? "–" : formatDuration(seconds);
  return (
    <Drawer title={call.model} onClose={onClose}>
      <KeyValues
        entries={[
          [t.llm.time, formatStamp(call.timestamp)],
          [t.llm.run, call.run],
          [t.llm.provider, call.provider],
          [t.llm.operation, call.operation],
          [t.llm.duration, time(call.response_time)],
          [t.llm.first, time(call.ttft)],
          [
            t.llm.tokensIn,
            formatValue(call.prompt_tokens === null ? null : formatCount(call.prompt_tokens)),
          ],
          [
            t.llm.tokensOut,
            formatValue(
              call.completion_tokens === null ? null : formatCount(call.completion_tokens),
            ),
          ],
          ...(call.cost === null
            ? []
            : [[t.llm.cost, `${formatDollars(call.cost)} (${call.cost_basis})`] as const]),
          [t.llm.status, call.success ? t.llm.ok : faultText(call)],
        ]}
      />
      <h3 className={s.drawerHeading}>{t.llm.request}</h3>
      {request === undefined ? (
        <p className={s.muted}>{t.llm.notRecorded}</p>
      ) : (
        <pre className={s.content}>{contentText(request)}</pre>
      )}
      {response !== undefined && (
        <>
          <h3>{t.llm.response}</h3>
          <pre className={s.content}>{contentText(response)}</pre>
        </>
      )}
      <h3 className={s.drawerHeading}>{t.llm.raw}</h3>
      <pre className={s.content}>{JSON.stringify(rest, null, 2)}</pre>
    </Drawer>
  );
}

/** What went wrong, once: a text that begins with the kind of error needs no other head. */
function faultText({ error_type: type, error }: LlmCall): string {
  if (!type || error?.startsWith(type)) return error ?? "";
  return error ? `${type}: ${error}` : type;
}
