import * as dagre from '@dagrejs/dagre';
import type { Edge, Part } from './model.ts';

export interface Frame { x: number; y: number; width: number; height: number }
export interface Point { x: number; y: number }
export interface Route { edge: Edge; points: Point[] }
export interface Layout { width: number; height: number; boxes: Map<string, Frame>; frames: Map<string, Frame>; routes: Route[] }

/** What lies in the picture, or in an open part: measured from its own corner. */
interface Inside { width: number; height: number; children: Map<string, Frame>; routes: Route[]; opened: Map<string, Inside> }

const [boxWidth, lineHeight, head, frameHead, margin] = [190, 15, 26, 22, 14];
const [entry, leaving] = ['\nin', '\nout'];

/** A title and two lines: what is told of a box changes with the colours, its size does not. */
const boxHeight = head + 2 * lineHeight;

/**
 * Places what is seen from top to bottom. An open part is laid out by itself and then stands as one large box among its neighbours; arrows from and to what lies in it
 * go on from its edge.
 */
export function place(parts: Part[], open: ReadonlySet<string>, edges: Edge[]): Layout {
  const ways = new Map<string, string[]>();
  const walk = (part: Part, above: string[]) => {
    const way = [...above, part.id];
    ways.set(part.id, way);
    if (isOpen(part, open)) part.children.forEach(c => walk(c, way));
  };
  parts.forEach(p => walk(p, []));
  const whole = inside(parts, 0, edges, ways, open);
  const layout: Layout = { width: whole.width, height: whole.height, boxes: new Map(), frames: new Map(), routes: [] };
  settle(whole, 0, 0, layout);
  return layout;
}

function isOpen(part: Part, open: ReadonlySet<string>): boolean {
  return open.has(part.id) && part.children.length > 0;
}

/** @param depth how many parts this lies in; of an edge's way, the child at this depth is the one that is meant here. */
function inside(children: Part[], depth: number, edges: Edge[], ways: Map<string, string[]>, open: ReadonlySet<string>): Inside {
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: 34, edgesep: 12, marginx: margin, marginy: margin });
  graph.setDefaultEdgeLabel(() => ({}));
  const own = new Set(children.map(c => c.id));
  const at = (id: string) => { const here = ways.get(id)?.[depth]; return here !== undefined && own.has(here) ? here : undefined; };
  const opened = new Map<string, Inside>();
  for (const child of children) {
    if (!isOpen(child, open)) {
      graph.setNode(child.id, { width: boxWidth, height: boxHeight });
      continue;
    }
    const its = inside(child.children, depth + 1, edges, ways, open);
    opened.set(child.id, its);
    graph.setNode(child.id, { width: Math.max(its.width, 120), height: its.height + frameHead });
  }
  const drawn = new Map<string, Edge>();
  for (const edge of edges) {
    const [from, to] = [at(edge.from), at(edge.to)];
    if (from === to) continue;
    // At the top everything is inside.
    drawn.set(`${from}\n${to}\n${edge.kind}\n${edge.label}`, { ...edge, from: from ?? entry, to: to ?? leaving });
  }
  for (const edge of drawn.values()) {
    for (const end of [edge.from, edge.to]) if ((end === entry || end === leaving) && !graph.hasNode(end)) graph.setNode(end, { width: 1, height: 1 });
    graph.setEdge(edge.from, edge.to, { edge }, `${edge.kind} ${edge.label}`);
  }
  dagre.layout(graph);
  const frames = new Map(children.map(c => {
    const { x, y, width, height } = graph.node(c.id);
    return [c.id, { x: x - width / 2, y: y - height / 2, width, height }] as const;
  }));
  const { width = 0, height = 0 } = graph.graph();
  const routes = graph.edges().map(e => {
    const { edge, points } = graph.edge(e) as unknown as { edge: Edge; points: Point[] };
    return { edge, points: ported(points, frames.get(edge.from), frames.get(edge.to), height) };
  });
  const widest = Math.max(0, ...routes.flatMap(r => r.points.map(p => p.x + margin)));
  return { width: Math.max(width, widest), height, children: frames, routes, opened };
}

/** Arrows leave a box at its lower edge and reach it at its upper one; what comes from outside begins at the frame. */
function ported(points: Point[], from: Frame | undefined, to: Frame | undefined, height: number): Point[] {
  const bends = points.slice(1, -1);
  const [next, last] = [bends[0] ?? points[points.length - 1], bends[bends.length - 1] ?? points[0]];
  const beside = (frame: Frame, x: number) => Math.min(Math.max(x, frame.x + 14), frame.x + frame.width - 14);
  return [
    from ? { x: beside(from, next.x), y: from.y + from.height } : { x: points[0].x, y: -frameHead }, ...bends,
    to ? { x: beside(to, last.x), y: to.y } : { x: points[points.length - 1].x, y: height },
  ];
}

function settle(part: Inside, x: number, y: number, layout: Layout): void {
  for (const [id, frame] of part.children) {
    const moved = { ...frame, x: frame.x + x, y: frame.y + y };
    const its = part.opened.get(id);
    if (!its) {
      layout.boxes.set(id, moved);
      continue;
    }
    layout.frames.set(id, moved);
    settle(its, moved.x + (moved.width - its.width) / 2, moved.y + frameHead, layout);
  }
  for (const { edge, points } of part.routes) layout.routes.push({ edge, points: points.map(p => ({ x: p.x + x, y: p.y + y })) });
}
