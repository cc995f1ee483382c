/** Gauges below the names of their groups. */

import type { ReactNode } from "react";
import { InView } from "../../components/InView";
import { useText } from "../../locales/useText";
import { type Gauge, GROUPS } from "./gauges";
import s from "./system.module.css";

type Props = {
  readonly gauges: readonly Gauge[];
  /** What stands between the name of a group and its gauges. */
  readonly lead?: (group: Gauge["group"]) => ReactNode;
  readonly children: (gauge: Gauge) => ReactNode;
};

export function GaugeGroups({ gauges, lead, children }: Props) {
  const t = useText().system;
  return GROUPS.map((group) => {
    const own = gauges.filter((gauge) => gauge.group === group);
    if (own.length === 0) return null;
    return (
      <section key={group} aria-label={t.groups[group]}>
        <h2 className={s.group}>{t.groups[group]}</h2>
        {lead?.(group)}
        <div className={s.charts}>
          {own.map((gauge) => (
            <InView key={gauge.id} className={s.chart}>
              {children(gauge)}
            </InView>
          ))}
        </div>
      </section>
    );
  });
}
