/** Live charts in sections by prefix. A section that is shut, or out of sight, costs nothing. */

import { type RefObject, useMemo } from "react";
import { Button, SearchField, Segments } from "../../components/controls";
import { Icon } from "../../components/Icon";
import { InView } from "../../components/InView";
import { Dialog } from "../../components/Overlay";
import { Empty, Failure, Progress } from "../../components/states";
import { type Section, searchKeys, toSections, UNNAMED } from "../../data/sections";
import { useText } from "../../locales/useText";
import { useKeyboard } from "../../state/keyboard";
import { useKeys } from "../../state/queries";
import { type BoardView, type Change, toggled } from "../../state/views";
import s from "./board.module.css";
import { ChartCell, type DrawnRun } from "./ChartCell";
import { cycleSmoothing, Smoothing } from "./Smoothing";

export type BoardProps = {
  readonly runs: readonly DrawnRun[];
  readonly view: BoardView;
  readonly change: Change<BoardView>;
  readonly findField?: RefObject<HTMLInputElement | null>;
};

/** Sections up to this size stand open; a thousand gradients wait to be asked for. */
const OPEN_UP_TO = 48;

const EXAMPLE = `for step in range(1000):
    run.log({"train/loss": loss, "train/acc": acc})`;

function isOpen(section: Section, view: BoardView): boolean {
  const name = section.name === UNNAMED ? "-" : section.name;
  return section.keys.length <= OPEN_UP_TO ? !view.shut.includes(name) : view.open.includes(name);
}

export function Board({ runs, view, change }: BoardProps) {
  const t = useText();
  const addresses = useMemo(() => runs.map(({ run }) => run), [runs]);
  const keys = useKeys(
    addresses,
    "history",
    runs.some(({ live }) => live),
  );
  const metrics = useMemo(
    () =>
      (keys.data?.keys ?? [])
        .filter(({ kind, key }) => kind === "number" && !key.startsWith("_"))
        .map(({ key }) => key),
    [keys.data],
  );
  const sections = useMemo(() => toSections(searchKeys(metrics, view.find)), [metrics, view.find]);
  useKeyboard({
    l: () => change({ ylog: !view.ylog }),
    "Shift+l": () => change({ xlog: !view.xlog }),
    s: () => change({ smooth: cycleSmoothing(view.smooth) }),
    o: () => change({ clip: !view.clip }),
  });
  return (
    <div className={s.board}>
      <BoardTools view={view} change={change} />
      {keys.isFetching && metrics.length === 0 && <Progress />}
      <div className={s.scroll}>
        {keys.error && <Failure error={keys.error} retry={() => void keys.refetch()} />}
        {runs.length === 0 && <Empty title={t.board.noRuns} />}
        {keys.isSuccess && runs.length > 0 && metrics.length === 0 && (
          <Empty title={t.board.empty} code={EXAMPLE}>
            {t.board.emptyHint}
          </Empty>
        )}
        {metrics.length > 0 && sections.length === 0 && <Empty title={t.board.none} />}
        {keys.data && keys.data.total > keys.data.keys.length && (
          <p className={s.note}>{t.board.firstKeys(keys.data.keys.length, keys.data.total)}</p>
        )}
        {sections.map((section) => (
          <BoardSection
            key={section.name}
            section={section}
            runs={runs}
            view={view}
            change={change}
          />
        ))}
      </div>
      {view.full !== "" && (
        <Dialog label={view.full} shape="wide" onClose={() => change({ full: "" })}>
          <div className={s.full}>
            <ChartCell metric={view.full} runs={runs} view={view} change={change} expanded />
          </div>
        </Dialog>
      )}
    </div>
  );
}

type ToolsProps = Pick<BoardProps, "view" | "change">;

function BoardTools({ view, change }: ToolsProps) {
  const t = useText().board;
  const clear = useText().clear;
  return (
    <div className={s.tools}>
      <SearchField
        className={s.find}
        label={t.find}
        value={view.find}
        clear={clear}
        onChange={(find) => change({ find })}
      />
      <Segments
        label={t.x}
        value={view.x}
        options={[
          ["step", t.step],
          ["time", t.time],
          ["relative", t.relative],
        ]}
        onChange={(x) => change({ x, zoom: null })}
      />
      <Smoothing value={view.smooth} onChange={(smooth) => change({ smooth })} />
      <Button
        label={`${t.log} (l)`}
        text={t.log}
        pressed={view.ylog}
        onClick={() => change({ ylog: !view.ylog })}
      />
      <Button
        label={`${t.logX} (Shift l)`}
        text={t.logX}
        pressed={view.xlog}
        onClick={() => change({ xlog: !view.xlog })}
      />
      <Button
        label={`${t.clipTitle} (o)`}
        text={t.clip}
        pressed={view.clip}
        onClick={() => change({ clip: !view.clip })}
      />
      {view.zoom !== null && (
        <Button
          label={t.unzoom}
          text={t.unzoom}
          bordered
          onClick={() => change({ zoom: null }, "push")}
        />
      )}
    </div>
  );
}

type SectionProps = Omit<BoardProps, "findField"> & { readonly section: Section };

function BoardSection({ section, runs, view, change }: SectionProps) {
  const t = useText().board;
  const name = section.name === UNNAMED ? t.unnamed : section.name;
  const id = section.name === UNNAMED ? "-" : section.name;
  const open = isOpen(section, view);
  const field = section.keys.length <= OPEN_UP_TO ? "shut" : "open";
  return (
    <section className={s.section} aria-label={t.section(name, section.keys.length)}>
      <button
        type="button"
        className={s.sectionHead}
        aria-expanded={open}
        onClick={() => change({ [field]: toggled(view[field], id) })}
      >
        <Icon name={open ? "down" : "right"} size={14} />
        {name}
        <small>{section.keys.length}</small>
      </button>
      {open && (
        <div className={s.cells}>
          {section.keys.map((metric) => (
            <InView key={metric} className={s.cell}>
              <ChartCell metric={metric} runs={runs} view={view} change={change} />
            </InView>
          ))}
        </div>
      )}
    </section>
  );
}
