/** Facts in two columns, and the few numbers that stand above everything else. */

import { Fragment, type ReactNode } from "react";
import { cx } from "./cx";
import s from "./KeyValues.module.css";

type KeyValuesProps = {
  readonly entries: readonly (readonly [string, ReactNode])[];
  /** Numbers stand on the right; texts do not. */
  readonly end?: boolean;
};

/** A longer text reads better from the left, also in a column of numbers. */
const LONG = 26;

export function KeyValues({ entries, end }: KeyValuesProps) {
  return (
    <dl className={cx(s.list, end && s.end)}>
      {entries.map(([key, value]) => (
        <Fragment key={key}>
          <dt>{key}</dt>
          <dd data-long={typeof value === "string" && value.length > LONG}>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

export type Stat = {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly tone?: "failed";
};

export function StatStrip({ stats }: { readonly stats: readonly Stat[] }) {
  return (
    <dl className={s.strip}>
      {stats.map(({ name, value, note, tone }) => (
        <div key={name} className={s.stat} data-tone={tone}>
          <dt>{name}</dt>
          <dd>
            {value}
            {note && <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
