/** Runs and versions from left to right, each a link; lines lead from maker to made to user. */

import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import type { ArtifactEdge } from "../../api/types";
import { cx } from "../../components/cx";
import { parseAddress } from "../../data/artifacts";
import { type LineageNode, layoutLineage } from "../../data/lineage";
import { useText } from "../../locales/useText";
import s from "./artifacts.module.css";
import { RunLink } from "./RunLink";

type Props = { readonly start: string; readonly edges: readonly ArtifactEdge[] };

const COLUMN = 208;
const NODE_WIDTH = 164;
const ROW = 40;
const NODE_HEIGHT = 28;
const EDGE = 12;

const leftOf = ({ column }: LineageNode): number => EDGE + column * COLUMN;
const middleOf = ({ row }: LineageNode): number => EDGE + row * ROW + NODE_HEIGHT / 2;

function curve(from: LineageNode, to: LineageNode): string {
  const [x0, y0] = [leftOf(from) + NODE_WIDTH, middleOf(from)];
  const [x1, y1] = [leftOf(to), middleOf(to)];
  const bend = Math.max((x1 - x0) / 2, 18);
  return `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`;
}

export function LineageGraph({ start, edges }: Props) {
  const t = useText();
  const layout = useMemo(() => layoutLineage(edges), [edges]);
  const nodes = useMemo(() => new Map(layout.nodes.map((node) => [node.id, node])), [layout]);
  const pane = useRef<HTMLElement>(null);
  const origin = nodes.get(`artifact:${start}`);
  // On a narrow screen the version that is open shall be in sight.
  useEffect(() => {
    if (!pane.current || !origin) return;
    pane.current.scrollLeft = leftOf(origin) + NODE_WIDTH / 2 - pane.current.clientWidth / 2;
  }, [origin]);
  if (layout.nodes.length === 0) return null;
  const width = layout.columns * COLUMN - (COLUMN - NODE_WIDTH) + 2 * EDGE;
  const height = layout.rows * ROW - (ROW - NODE_HEIGHT) + 2 * EDGE;
  const ordered = layout.nodes.toSorted((a, b) => a.column - b.column || a.row - b.row);
  return (
    <section
      ref={pane}
      className={s.graph}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling block must be reachable by keyboard
      tabIndex={0}
      aria-label={t.artifacts.graph(layout.nodes.length)}
    >
      <div className={s.plane} style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true">
          {layout.links.map(([from, to]) => {
            const [first, second] = [nodes.get(from), nodes.get(to)];
            return first && second ? <path key={`${from} ${to}`} d={curve(first, second)} /> : null;
          })}
        </svg>
        <ul>
          {ordered.map((node) => (
            <li
              key={node.id}
              style={{
                left: leftOf(node),
                top: middleOf(node) - NODE_HEIGHT / 2,
                width: NODE_WIDTH,
                height: NODE_HEIGHT,
              }}
            >
              <Node node={node} start={node.kind === "artifact" && node.name === start} />
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Node({ node, start }: { readonly node: LineageNode; readonly start: boolean }) {
  const t = useText().artifacts;
  const { project = "" } = useParams({ strict: false });
  if (node.kind === "run") {
    return (
      <RunLink run={node.name} className={s.run}>
        <small>{t.run}</small>
      </RunLink>
    );
  }
  const address = parseAddress(node.name);
  if (!address) return <span className={s.version}>{node.name}</span>;
  return (
    <Link
      to="/p/$project/artifacts"
      params={{ project }}
      search={{ of: `${address.type}/${address.name}`, v: address.version }}
      className={cx(s.version, start && s.start)}
      title={node.name}
      aria-current={start ? "true" : undefined}
    >
      <span>{address.name}</span>
      <b>{address.version}</b>
    </Link>
  );
}
