/**
 * The one table: virtual rows under a fixed header, by mouse and by keyboard.
 *
 * It shows rows in the order it gets them; sorting and filtering belong to whoever has the data.
 * It is made of ARIA roles: a native table cannot leave out the rows that nobody sees.
 */

import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { cx } from "./cx";
import s from "./Grid.module.css";

export type Column<Row> = {
  readonly id: string;
  readonly header: string;
  /** The full name where the header is short. */
  readonly title?: string;
  /** Pixels; a growing column takes this at least. */
  readonly width: number;
  readonly grow?: boolean;
  readonly end?: boolean;
  readonly mono?: boolean;
  readonly pinned?: boolean;
  /** Left out on a narrow screen. */
  readonly roomy?: boolean;
  /** The sort field of a click on the header. */
  readonly sort?: string;
  readonly cell: (row: Row, index: number) => ReactNode;
};

export type GridProps<Row> = {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  /** Field of the present order, `-` in front when descending. */
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  readonly onOpen?: (row: Row) => void;
  readonly onHover?: (id: string | null) => void;
  readonly hovered?: string | null;
  readonly selected?: ReadonlySet<string>;
  readonly dim?: (row: Row) => boolean;
  readonly active?: number;
  readonly onActive?: (index: number) => void;
  readonly onEnd?: () => void;
  readonly onVisible?: (from: number, upTo: number) => void;
  /** As high as its rows instead of filling its place; for short tables only. */
  readonly auto?: boolean;
  /** Pixels of a row, where it shows more than a line of text. */
  readonly tall?: number | undefined;
};

const ROW_HEIGHTS: Record<string, number> = { compact: 24, default: 28, relaxed: 36 };

function rowHeight(): number {
  return ROW_HEIGHTS[document.documentElement.dataset["density"] ?? "default"] ?? 28;
}

const NARROW = "(max-width: 560px)";

function useNarrow(): boolean {
  const watch = useCallback((listener: () => void) => {
    const query = matchMedia(NARROW);
    query.addEventListener("change", listener);
    return () => query.removeEventListener("change", listener);
  }, []);
  return useSyncExternalStore(watch, () => matchMedia(NARROW).matches);
}

export function Grid<Row>(props: GridProps<Row>) {
  const narrow = useNarrow();
  const columns = useMemo(
    () => (narrow ? props.columns.filter(({ roomy }) => !roomy) : props.columns),
    [narrow, props.columns],
  );
  const { label, rows, rowId, onOpen, onEnd, onVisible, auto, tall } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const [ownActive, setOwnActive] = useState(-1);
  const active = props.active ?? ownActive;
  const setActive = props.onActive ?? setOwnActive;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => tall ?? rowHeight(),
    overscan: 12,
    enabled: !auto,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  useEffect(() => {
    onVisible?.(first, last + 1);
    if (last >= rows.length - 1 && rows.length > 0) onEnd?.();
  }, [first, last, rows.length, onVisible, onEnd]);
  useEffect(() => {
    if (active >= 0 && !auto) virtual.scrollToIndex(active);
  }, [active, auto, virtual]);

  const template = useMemo<CSSProperties>(
    () => ({
      gridTemplateColumns: columns
        .map(({ width, grow }) => (grow ? `minmax(${width}px, 1fr)` : `${width}px`))
        .join(" "),
    }),
    [columns],
  );
  const handlers = useRef<RowHandlers<Row>>({ hover: () => undefined, pick: () => undefined });
  handlers.current = {
    hover: (key) => props.onHover?.(key),
    pick: (row, index) => {
      setActive(index);
      onOpen?.(row);
    },
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, last - first - 24);
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -rows.length,
      End: rows.length,
    };
    const move = moves[event.key];
    const row = rows[active];
    if (event.target !== scroller.current) return;
    if (move !== undefined) {
      event.preventDefault();
      setActive(Math.min(Math.max(active + move, 0), rows.length - 1));
    } else if (event.key === "Enter" && row !== undefined) onOpen?.(row);
  };
  const shown = auto ? rows.map((_, index) => ({ index, start: 0 })) : items;
  return (
    <div
      ref={scroller}
      className={cx(s.grid, auto && s.auto)}
      style={tall === undefined ? undefined : ({ "--row": `${tall}px` } as CSSProperties)}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={
        active >= 0 && rows[active] !== undefined ? `${id}-${active}` : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerLeave={() => props.onHover?.(null)}
    >
      <Head columns={columns} template={template} sort={props.sort} onSort={props.onSort} />
      <div
        className={s.body}
        role="rowgroup"
        style={auto ? undefined : { height: virtual.getTotalSize() }}
      >
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const key = rowId(row);
          return (
            <GridRow
              key={key}
              id={`${id}-${index}`}
              row={row}
              index={index}
              rowKey={key}
              start={auto ? null : start}
              columns={columns}
              template={template}
              active={index === active}
              hovered={key === props.hovered}
              selected={props.selected?.has(key)}
              dim={props.dim?.(row)}
              openable={onOpen !== undefined}
              handlers={handlers}
            />
          );
        })}
      </div>
    </div>
  );
}

type RowHandlers<Row> = {
  readonly hover: (id: string) => void;
  readonly pick: (row: Row, index: number) => void;
};

type GridRowProps<Row> = {
  readonly id: string;
  readonly row: Row;
  readonly index: number;
  readonly rowKey: string;
  /** Pixels from the top, or null where rows simply follow each other. */
  readonly start: number | null;
  readonly columns: readonly Column<Row>[];
  readonly template: CSSProperties;
  readonly active: boolean;
  readonly hovered: boolean;
  readonly selected: boolean | undefined;
  readonly dim: boolean | undefined;
  readonly openable: boolean;
  readonly handlers: RefObject<RowHandlers<Row>>;
};

function PlainRow<Row>(props: GridRowProps<Row>) {
  const { row, index, rowKey, start, columns, template, handlers } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid itself handles the keys of its active row
    <div
      id={props.id}
      className={cx(s.row, start !== null && s.virtual)}
      style={start === null ? template : { ...template, transform: `translateY(${start}px)` }}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={props.selected}
      data-active={props.active}
      data-hover={props.hovered}
      data-dim={props.dim}
      data-open={props.openable}
      onPointerEnter={() => handlers.current.hover(rowKey)}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest("a, button, input")) return;
        handlers.current.pick(row, index);
      }}
    >
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={cx(
            s.cell,
            column.end && s.end,
            column.mono && s.mono,
            column.pinned && s.pinned,
          )}
        >
          {wrapped(column.cell(row, index))}
        </div>
      ))}
    </div>
  );
}

// Scrolling moves the window over the rows: those that stay in it need no new look.
const GridRow = memo(PlainRow) as typeof PlainRow;

/** Bare text needs an element to be cut short with an ellipsis. */
function wrapped(content: ReactNode): ReactNode {
  return typeof content === "string" || typeof content === "number" ? (
    <span title={String(content)}>{content}</span>
  ) : (
    content
  );
}

type HeadProps<Row> = {
  readonly columns: readonly Column<Row>[];
  readonly template: CSSProperties;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
};

function Head<Row>({ columns, template, sort, onSort }: HeadProps<Row>) {
  return (
    <div role="rowgroup" className={s.head} style={template}>
      <div role="row" aria-rowindex={1} style={{ display: "contents" }}>
        {columns.map((column) => {
          const field = column.sort;
          const up = field !== undefined && sort === field;
          const downwards = field !== undefined && sort === `-${field}`;
          return (
            <div
              key={column.id}
              role="columnheader"
              title={column.title ?? column.header}
              aria-label={column.header === "" ? column.title : undefined}
              aria-sort={up ? "ascending" : downwards ? "descending" : undefined}
              className={cx(s.headCell, column.end && s.end, column.pinned && s.pinned)}
            >
              {field !== undefined && onSort ? (
                <button type="button" onClick={() => onSort(downwards ? field : `-${field}`)}>
                  <span>{column.header}</span>
                  {(up || downwards) && <span className={s.arrow}>{up ? "▲" : "▼"}</span>}
                </button>
              ) : (
                <span>{column.header}</span>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
