/** Every trial as a line over its parameters to what it measured; a brush keeps some of them. */

import { useMemo } from "react";
import { Parallel, type ParallelLine } from "../../charts/Parallel";
import { useLook } from "../../components/ChartTheme";
import { Button } from "../../components/controls";
import { unitAt } from "../../data/axis";
import { printBrushes } from "../../data/sweep";
import { useText } from "../../locales/useText";
import s from "./sweeps.module.css";
import { colourOf, idOf, type Shown, tipOf, unitsOf } from "./trials";

type ParametersProps = {
  readonly shown: Shown;
  readonly onBrush: (brush: readonly string[]) => void;
  readonly hovered: string | null;
  readonly onHover: (id: string | null) => void;
  readonly onPick: (id: string) => void;
};

const HEIGHT = 320;

export function Parameters({ shown, onBrush, ...hands }: ParametersProps) {
  const t = useText();
  const { chart, ground } = useLook();
  const { trials, axes, metric, goal, brushes, kept } = shown;
  const dark = ground === "dark";
  const lines = useMemo<readonly ParallelLine[]>(() => {
    const sign = goal === "maximize" ? 1 : -1;
    // Those without a value lie below the others, the best on top.
    const height = (value: number | null): number =>
      value === null ? Number.NEGATIVE_INFINITY : sign * value;
    return [...trials]
      .sort((a, b) => height(a.value) - height(b.value) || a.number - b.number)
      .map((trial) => ({
        id: idOf(trial),
        units: unitsOf(shown, trial),
        colour: metric && trial.value !== null ? colourOf(metric, trial.value, goal, dark) : null,
        kept: kept.has(trial),
      }));
  }, [shown, trials, metric, goal, kept, dark]);
  const scale = useMemo(
    () => metric && ((share: number) => colourOf(metric, unitAt(metric, share), goal, dark)),
    [metric, goal, dark],
  );
  return (
    <section className={s.part}>
      <header className={s.partHead}>
        <h2>{t.sweeps.parameters}</h2>
        <span className={s.muted} role="status">
          {brushes.size === 0 ? t.sweeps.brushHint : t.sweeps.kept(kept.size, trials.length)}
        </span>
        {brushes.size > 0 && (
          <Button
            label={t.sweeps.clearBrush}
            text={t.sweeps.clearBrush}
            bordered
            onClick={() => onBrush([])}
          />
        )}
      </header>
      <Parallel
        axes={axes}
        lines={lines}
        scale={scale}
        brushes={brushes}
        onBrush={(name, range) => {
          const others = [...brushes].filter(([other]) => other !== name);
          onBrush(printBrushes(new Map(range ? [...others, [name, range]] : others)));
        }}
        tipOf={(id) => tipOf(shown, id, t)}
        theme={chart}
        height={HEIGHT}
        label={t.sweeps.parallel(trials.length)}
        ends={t.sweeps}
        {...hands}
      />
    </section>
  );
}
