/** A trace: its spans indented below each other, when each was, what went in and came out. */

import { useMemo } from "react";
import { StatusGlyph } from "../../../components/StatusGlyph";
import { formatDuration } from "../../../data/format";
import { type Place, placesOf, type Span, tookOf, toSpans } from "../../../data/trace";
import { useText } from "../../../locales/useText";
import s from "./media.module.css";
import { Text } from "./Text";

type Props = {
  readonly name: string;
  readonly root: unknown;
  readonly model: unknown;
  readonly big: boolean;
};

/** More rows than anybody reads; all of them are in the record. */
const SHOWN = 1000;
/** Steps of indentation beyond which the name would have no room. */
const DEEPEST = 12;

export function TraceView({ name, root, model, big }: Props) {
  const t = useText().media;
  const spans = useMemo(() => toSpans(root), [root]);
  const places = useMemo(() => placesOf(spans), [spans]);
  if (spans.length === 0) return <p className={s.note}>{t.noSpans}</p>;
  return (
    <section className={s.trace} data-big={big} aria-label={`${name}: ${t.spans(spans.length)}`}>
      {spans.slice(0, SHOWN).map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no names of their own
        <SpanRow key={index} span={span} place={places[index] ?? null} />
      ))}
      {spans.length > SHOWN && <p>{t.moreSpans(spans.length - SHOWN)}</p>}
      {model !== null && (
        <details>
          <summary>{t.model}</summary>
          <Text value={model} />
        </details>
      )}
    </section>
  );
}

function SpanRow({ span, place }: { readonly span: Span; readonly place: Place | null }) {
  const t = useText().media;
  const took = tookOf(span);
  return (
    <details className={s.span}>
      <summary>
        <span
          className={s.spanName}
          style={{ paddingLeft: Math.min(span.depth, DEEPEST) * 14 }}
          title={span.name}
        >
          {span.name || "–"}
          {span.failed && <StatusGlyph status="failed" />}
        </span>
        <span className={s.spanKind}>{span.kind}</span>
        <span className={s.spanTime}>
          {place && (
            <span style={{ left: `${place.left * 100}%`, width: `${place.width * 100}%` }} />
          )}
        </span>
        <span className={s.spanTook}>{took === null ? "–" : formatDuration(took)}</span>
      </summary>
      {span.message !== "" && <p>{span.message}</p>}
      {span.results.map(({ inputs, outputs }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: results have no names of their own
        <div key={index} className={s.spanResult}>
          <Named name={t.inputs} value={inputs} />
          <Named name={t.outputs} value={outputs} />
        </div>
      ))}
      <Named name={t.attributes} value={span.attributes} />
    </details>
  );
}

function Named({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (value === null) return null;
  return (
    <div>
      <h3>{name}</h3>
      <Text value={value} />
    </div>
  );
}
