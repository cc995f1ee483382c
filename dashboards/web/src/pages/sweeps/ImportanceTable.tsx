/** How much each parameter alone tells of the metric, with the method and the number of trials. */

import { useMemo } from "react";
import { formatRatio } from "../../data/format";
import { importance, LEAST_TRIALS } from "../../data/importance";
import { useText } from "../../locales/useText";
import s from "./sweeps.module.css";
import type { Space } from "./trials";

type ImportanceProps = { readonly space: Space; readonly metric: string };

export function ImportanceTable({ space, metric }: ImportanceProps) {
  const t = useText().sweeps;
  const { trials, swept } = space;
  const measured = useMemo(() => trials.filter(({ value }) => value !== null), [trials]);
  const rows = useMemo(
    () =>
      importance(
        swept.map(({ name }) => ({
          name,
          values: measured.map(({ parameters }) => parameters[name] ?? null),
        })),
        measured.map(({ value }) => value ?? 0),
      ),
    [swept, measured],
  );
  return (
    <section className={s.part}>
      <header className={s.partHead}>
        <h2>{t.importance}</h2>
      </header>
      {measured.length < LEAST_TRIALS ? (
        <p className={s.basis}>{t.tooFew(LEAST_TRIALS, measured.length)}</p>
      ) : (
        <>
          <table className={s.importance}>
            <thead>
              <tr>
                <th scope="col">{t.parameters}</th>
                <th scope="col">{t.explains}</th>
                <th scope="col">{t.correlation}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, share, correlation }) => (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {name}
                  </th>
                  <td>
                    <span className={s.share}>{share === null ? "–" : formatRatio(share)}</span>
                    <span className={s.bar} style={{ width: `${(share ?? 0) * 60}%` }} />
                  </td>
                  <td>{correlation === null ? "–" : signed(correlation)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className={s.basis}>{t.basis(metric, measured.length)}</p>
        </>
      )}
    </section>
  );
}

function signed(value: number): string {
  const size = Math.abs(value).toFixed(2);
  return Number(size) === 0 ? size : `${value < 0 ? "\u2212" : "+"}${size}`;
}
