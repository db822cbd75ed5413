import { heat, partsOf, quantity, visible, type Drawing, type Measure, type Part } from './model.ts';
import { place, type Frame, type Route } from './layout.ts';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; getState(): State | undefined; setState(state: State): void };

interface State { open: string[]; measure: Measure; zoom: number }
type Message =
  | { type: 'drawing'; drawing: Drawing; measure?: Measure }
  | { type: 'trouble'; text: string }
  | { type: 'at'; file: string; line: number };

const svgNamespace = 'http://www.w3.org/2000/svg';
const measures: [Measure, string][] = [
  ['kind', 'what it is'], ['parameters', 'parameters'], ['multiply_adds', 'multiply-adds'], ['memory', 'feature maps'], ['nanoseconds', 'time on the CPU'],
];

const host = acquireVsCodeApi();
const kept = host.getState();
const open = new Set(kept?.open ?? []);
let measure: Measure = kept?.measure ?? 'kind';
let isChosen = kept !== undefined;
let zoom = kept?.zoom ?? 1;
let drawing: Drawing | undefined;
let parts: Part[] = [];
let current: { file: string; line: number } | undefined;

const choice = element('select', { id: 'measure', 'aria-label': 'What colours tell' });
measures.forEach(([value, text]) => choice.append(Object.assign(element('option', { value }), { textContent: text })));
const totals = element('span', { id: 'totals' });
const trouble = element('div', { id: 'trouble', role: 'status' });
const paper = element('div', { id: 'paper' });
const bar = element('header', {});
bar.append(
  Object.assign(element('label', { for: 'measure' }), { textContent: 'colour: ' }), choice,
  button('−', 'Smaller', () => scale(zoom / 1.2)), button('+', 'Larger', () => scale(zoom * 1.2)), button('fit', 'As wide as the view', fit),
  button('close all', 'Close every statement', () => { open.clear(); draw(); }), totals);
document.body.append(bar, trouble, paper);

choice.addEventListener('change', () => {
  measure = choice.value as Measure;
  isChosen = true;
  if (measure === 'nanoseconds' && drawing?.nanoseconds === undefined) host.postMessage({ type: 'time' });
  draw();
});
paper.addEventListener('wheel', event => {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  scale(zoom * Math.exp(-event.deltaY / 400));
}, { passive: false });

window.addEventListener('message', event => {
  const message = event.data as Message;
  if (message.type === 'drawing') {
    const first = drawing === undefined;
    drawing = message.drawing;
    if (!isChosen && message.measure) measure = message.measure;
    parts = partsOf(drawing);
    trouble.textContent = '';
    document.body.classList.remove('stale');
    draw();
    if (first && !kept) fit();
    if (measure === 'nanoseconds' && drawing.nanoseconds === undefined) host.postMessage({ type: 'time' });
  } else if (message.type === 'trouble') {
    trouble.textContent = message.text;
    document.body.classList.add('stale');
  } else if (message.type === 'at') {
    current = message;
    mark();
  }
});
host.postMessage({ type: 'ready' });

function draw(): void {
  if (!drawing) return;
  choice.value = measure;
  const { shown, opened, edges } = visible(drawing, parts, open);
  const layout = place(parts, open, edges);
  const svg = shape('svg', { viewBox: `0 0 ${layout.width} ${layout.height}`, width: layout.width * zoom, height: layout.height * zoom, role: 'group', 'aria-label': drawing.model });
  const markers = shape('defs', {});
  for (const kind of ['flow', 'skip', 'attention', 'deep']) {
    const marker = shape('marker', { id: `m-${kind}`, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' });
    marker.append(shape('path', { d: 'M0 0 8 4 0 8z', class: `head h-${kind}` }));
    markers.append(marker);
  }
  svg.append(markers);
  opened.forEach(p => svg.append(frameOf(p, layout.frames.get(p.id)!)));
  layout.routes.forEach(r => svg.append(arrowOf(r)));
  shown.forEach(p => svg.append(boxOf(p, layout.boxes.get(p.id)!, heat(p, shown, measure))));
  paper.replaceChildren(svg);
  totals.textContent = [
    `${drawing.parameters.toLocaleString('en')} parameters`, `${quantity(drawing.multiply_adds, 'multiply_adds')} multiply-adds`,
    `${quantity(drawing.memory, 'memory')} feature maps`, ...drawing.nanoseconds === undefined ? [] : [quantity(drawing.nanoseconds, 'nanoseconds')],
  ].join(' · ') + `, one picture of ${drawing.size}`;
  mark();
  keep();
}

function boxOf(part: Part, frame: Frame, share: number | null): SVGElement {
  const group = shape('g', { class: `box k-${part.kind}`, tabindex: 0, role: 'button', 'data-id': part.id, 'data-file': part.file ?? '', 'data-line': part.line ?? '' });
  const rectangle = shape('rect', { x: frame.x, y: frame.y, width: frame.width, height: frame.height, rx: part.kind === 'task' ? frame.height / 2 : 6 });
  if (share !== null) {
    group.classList.add('heat');
    (rectangle as SVGElement).style.setProperty('--share', `${Math.round(Math.sqrt(share) * 100)}%`);
  }
  const told = measure === 'kind' || (part[measure] ?? 0) === 0 ? part.lines : [...part.lines.slice(0, 1), quantity(part[measure] ?? 0, measure)];
  group.append(rectangle);
  const written = [part.title, ...told.slice(0, 2)];
  const top = frame.y + (frame.height - written.length * 15) / 2 + 12;
  written.forEach((line, i) => {
    const text = shape('text', { x: frame.x + frame.width / 2, y: top + i * 15, class: i === 0 ? 'name' : 'more' });
    text.textContent = line.length > 30 ? `${line.slice(0, 29)}…` : line;
    group.append(text);
  });
  const title = shape('title', {});
  title.textContent = describe(part);
  group.append(title);
  if (part.children.length > 0) group.append(handle(part, frame, '+', 'Open'));
  act(group, part);
  return group;
}

function frameOf(part: Part, frame: Frame): SVGElement {
  const group = shape('g', { class: `frame k-${part.kind}`, 'data-id': part.id });
  group.append(shape('rect', { x: frame.x, y: frame.y, width: frame.width, height: frame.height, rx: 8 }));
  const text = shape('text', { x: frame.x + 24, y: frame.y + 14, class: 'more' });
  text.textContent = part.title;
  group.append(text, handle(part, frame, '−', 'Close'));
  return group;
}

function handle(part: Part, frame: Frame, sign: string, verb: string): SVGElement {
  const group = shape('g', { class: 'handle', role: 'button', tabindex: 0, 'aria-label': `${verb} ${part.title}` });
  const [x, y] = [frame.x + 12, frame.y + 10];
  const text = shape('text', { x, y: y + 4 });
  text.textContent = sign;
  group.append(shape('circle', { cx: x, cy: y, r: 7 }), text);
  group.addEventListener('click', event => { event.stopPropagation(); toggle(part); });
  group.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); event.stopPropagation(); toggle(part); } });
  return group;
}

function act(group: SVGElement, part: Part): void {
  const go = () => { if (part.line !== undefined) host.postMessage({ type: 'go', file: part.file, line: part.line, column: part.column }); };
  group.addEventListener('click', go);
  group.addEventListener('dblclick', () => toggle(part));
  group.addEventListener('keydown', event => {
    if (event.key === 'Enter') go();
    else if (event.key === ' ') { event.preventDefault(); toggle(part); }
  });
}

function toggle(part: Part): void {
  if (part.children.length === 0) return;
  if (!open.delete(part.id)) open.add(part.id);
  draw();
}

function arrowOf({ edge, points }: Route): SVGElement {
  const group = shape('g', {});
  const [first, ...rest] = points;
  // Through the middles of the pieces, so that bends are round.
  const middle = (a: { x: number; y: number }, b: { x: number; y: number }) => `${(a.x + b.x) / 2} ${(a.y + b.y) / 2}`;
  const curve = rest.slice(0, -1).map((p, i) => `Q${p.x} ${p.y} ${i === rest.length - 2 ? `${rest[i + 1].x} ${rest[i + 1].y}` : middle(p, rest[i + 1])}`).join('');
  group.append(shape('path', { d: `M${first.x} ${first.y}${curve || `L${rest[0].x} ${rest[0].y}`}`, class: `arrow a-${edge.kind}`, 'marker-end': `url(#m-${edge.kind})` }));
  if (edge.label) {
    // Where it arrives: on the way it may pass behind others.
    const at = points[points.length - 1];
    const text = shape('text', { x: at.x + 7, y: at.y - 10, class: 'label' });
    text.textContent = edge.label;
    group.append(text);
  }
  return group;
}

function describe(part: Part): string {
  return [
    part.operation ?? part.id, ...part.lines, `${part.parameters.toLocaleString('en')} parameters`, `${part.multiply_adds.toLocaleString('en')} multiply-adds`,
    `${quantity(part.memory, 'memory')} feature maps`, ...part.nanoseconds === undefined ? [] : [quantity(part.nanoseconds, 'nanoseconds')],
    ...part.line === undefined ? [] : [`line ${part.line}`],
  ].join('\n');
}

/** Shows which boxes the line under the cursor makes. */
function mark(): void {
  document.querySelectorAll('.box').forEach(box => box.classList.toggle(
    'current', current !== undefined && box.getAttribute('data-line') === `${current.line}` && sameFile(box.getAttribute('data-file') ?? '', current.file)));
}

function sameFile(named: string, full: string): boolean {
  const [a, b] = [named.replaceAll('\\', '/'), full.replaceAll('\\', '/')];
  return a === b || b.endsWith(`/${a.replace(/^(\.\.?\/)+/, '')}`);
}

function scale(to: number): void {
  zoom = Math.min(4, Math.max(0.1, to));
  const svg = paper.querySelector('svg');
  const box = svg?.viewBox.baseVal;
  if (svg && box) {
    svg.setAttribute('width', `${box.width * zoom}`);
    svg.setAttribute('height', `${box.height * zoom}`);
  }
  keep();
}

function fit(): void {
  const box = paper.querySelector('svg')?.viewBox.baseVal;
  if (box && box.width > 0) scale(Math.min(1.25, (paper.clientWidth - 4) / box.width));
}

function keep(): void {
  host.setState({ open: [...open], measure, zoom });
}

function button(text: string, title: string, action: () => void): HTMLElement {
  const made = Object.assign(element('button', { title, 'aria-label': title }), { textContent: text });
  made.addEventListener('click', action);
  return made;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Record<string, string>): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(svgNamespace, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, `${value}`));
  return made;
}
