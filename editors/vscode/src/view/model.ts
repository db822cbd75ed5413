/** What `mtlc graph --format json` prints. */
export interface Costs { parameters: number; multiply_adds: number; memory: number; nanoseconds?: number }
export interface Place { file?: string; line?: number; column?: number }
export interface Operation extends Costs, Place { name: string; op: string; settings: string; shape: string; inputs: string[] }
export interface Box extends Costs, Place { name: string; kind: string; lines: string[]; nodes: Operation[] }
export interface Arrow { from: string; to: string; kind: string; label: string }
export interface Output { task: string; node: string; final: boolean }
export interface Drawing extends Costs { model: string; size: string; boxes: Box[]; arrows: Arrow[]; outputs: Output[] }

/** A box, a part of it, or an operation: `layer4` of `trunk`, `0` of that, `conv1` of that. */
export interface Part extends Costs, Place {
  id: string;
  title: string;
  kind: string;
  lines: string[];
  children: Part[];
  /** Of a part without children: its operation's name. */
  operation?: string;
}

export interface Edge { from: string; to: string; kind: string; label: string }

/** The hierarchy of names below each box. */
export function partsOf(drawing: Drawing): Part[] {
  return drawing.boxes.map(box => {
    const part: Part = { ...costs(box), ...place(box), id: box.name, title: box.lines[0] ?? box.name, kind: box.kind, lines: box.lines.slice(1), children: [] };
    if (box.nodes.length > 1) part.children = group(box.nodes.map(n => ({ node: n, path: pathOf(n.name, box) })), box.name, box);
    return part;
  });
}

/** "trunk.layer1.0.conv2:relu" in box trunk: layer1, 0, conv2, :relu. */
function pathOf(name: string, box: Box): string[] {
  const own = box.name.replace(/^task /, '');
  const rest = name === own ? '' : name.startsWith(`${own}.`) || name.startsWith(`${own}:`) ? name.slice(own.length) : `.${name}`;
  return rest.split(/\.|(?=:)/).filter(Boolean);
}

function group(nodes: { node: Operation; path: string[] }[], id: string, box: Box): Part[] {
  const parts: Part[] = [];
  const byFirst = new Map<string, typeof nodes>();
  for (const entry of nodes) {
    // What is called like the group itself is its result.
    const first = entry.path[0] ?? '=';
    if (!byFirst.has(first)) byFirst.set(first, []);
    byFirst.get(first)!.push(entry);
  }
  for (const [first, entries] of byFirst) {
    const own = `${id}/${first}`;
    if (entries.length === 1) {
      const { node } = entries[0];
      parts.push({
        ...costs(node), ...place(node), id: own, title: node.op, kind: 'operation', operation: node.name, children: [],
        lines: [node.settings, node.shape].filter(Boolean),
      });
      continue;
    }
    const inner = entries.map(e => ({ node: e.node, path: e.path.slice(1) }));
    parts.push({
      ...sum(entries.map(e => e.node)), ...place(entries[0].node), id: own, title: first, kind: box.kind,
      lines: [`${entries.length} operations`, entries[entries.length - 1].node.shape], children: group(inner, own, box),
    });
  }
  return parts;
}

function costs(of: Costs): Costs {
  return { parameters: of.parameters, multiply_adds: of.multiply_adds, memory: of.memory, nanoseconds: of.nanoseconds };
}

function place(of: Place): Place {
  return { file: of.file, line: of.line, column: of.column };
}

function sum(all: Costs[]): Costs {
  const total = (key: 'parameters' | 'multiply_adds' | 'memory') => all.reduce((s, c) => s + c[key], 0);
  return {
    parameters: total('parameters'), multiply_adds: total('multiply_adds'), memory: total('memory'),
    nanoseconds: all.every(c => c.nanoseconds === undefined) ? undefined : all.reduce((s, c) => s + (c.nanoseconds ?? 0), 0),
  };
}

/** What is drawn when these parts are open: the parts that are seen, and the arrows between them. */
export function visible(drawing: Drawing, parts: Part[], open: ReadonlySet<string>): { shown: Part[]; opened: Part[]; edges: Edge[] } {
  const [shown, opened, seenAs]: [Part[], Part[], Map<string, string>] = [[], [], new Map()];
  const isOpen = (p: Part) => open.has(p.id) && p.children.length > 0;
  const walk = (part: Part) => {
    if (isOpen(part)) {
      opened.push(part);
      part.children.forEach(walk);
    } else {
      shown.push(part);
      leaves(part).forEach(name => seenAs.set(name, part.id));
    }
  };
  parts.forEach(walk);
  const owners = new Map(drawing.boxes.flatMap(b => b.nodes.map(n => [n.name, b.name] as const)));
  // A box of one operation has no parts of its own; the picture's is called like its box.
  drawing.boxes.forEach(b => b.nodes.forEach(n => { if (!seenAs.has(n.name)) seenAs.set(n.name, b.name); }));
  seenAs.set('image', 'image');
  owners.set('image', 'image');
  const opens = new Set(opened.map(p => p.id));
  const edges = new Map<string, Edge>();
  const add = (edge: Edge) => { if (edge.from !== edge.to) edges.set(`${edge.from}\n${edge.to}\n${edge.label}`, edge); };
  const arrows = new Map(drawing.arrows.map(a => [`${a.from}\n${a.to}`, a]));
  drawing.arrows.filter(a => !opens.has(a.from) && !opens.has(a.to)).forEach(a => add({ ...a }));
  for (const box of drawing.boxes) {
    for (const node of box.nodes) {
      for (const input of node.inputs) {
        const from = owners.get(input);
        if (from === undefined || !(opens.has(box.name) || opens.has(from))) continue;
        const kind = from === box.name ? 'flow' : arrows.get(`${from}\n${box.name}`)?.kind ?? 'flow';
        add({ from: seenAs.get(input)!, to: seenAs.get(node.name)!, kind, label: '' });
      }
    }
  }
  for (const output of drawing.outputs) {
    const from = owners.get(output.node);
    const task = `task ${output.task}`;
    if (from !== undefined && from !== task && opens.has(from) && !opens.has(task)) add({ from: seenAs.get(output.node)!, to: task, kind: output.final ? 'flow' : 'deep', label: '' });
  }
  return { shown, opened, edges: [...edges.values()] };
}

function leaves(part: Part): string[] {
  return part.operation !== undefined ? [part.operation] : part.children.flatMap(leaves);
}

export type Measure = 'kind' | 'parameters' | 'multiply_adds' | 'memory' | 'nanoseconds';

/** Share of the largest among what is seen, from 0 to 1; null where colours do not tell a cost. */
export function heat(part: Part, shown: Part[], measure: Measure): number | null {
  if (measure === 'kind') return null;
  const largest = Math.max(...shown.map(p => p[measure] ?? 0));
  return largest > 0 ? (part[measure] ?? 0) / largest : 0;
}

export function quantity(value: number, measure: Measure): string {
  const prefixed = (n: number, base: number, units: string[]) => {
    let i = 0;
    while (n >= base * 0.9995 && i < units.length - 1) [n, i] = [n / base, i + 1];
    return `${i === 0 ? Math.round(n) : n.toPrecision(3)}${units[i]}`;
  };
  switch (measure) {
    case 'memory': return prefixed(value, 1024, [' B', ' KiB', ' MiB', ' GiB']);
    case 'nanoseconds': return prefixed(value, 1000, [' ns', ' µs', ' ms', ' s']);
    default: return prefixed(value, 1000, ['', ' k', ' M', ' G', ' T']);
  }
}
