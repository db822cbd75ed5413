// The drawing's page: its parts in Node, and the page itself in a headless Chromium where there is one (CHROMIUM names it).
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mtl-view-'));
await build({ entryPoints: ['src/view/model.ts', 'src/view/layout.ts'], outdir: folder, outExtension: { '.js': '.mjs' }, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
const { heat, partsOf, quantity, visible } = await import(path.join(folder, 'model.mjs'));
const { place } = await import(path.join(folder, 'layout.mjs'));
// mtlc graph examples/distillation.mtl --format json --time
const drawing = JSON.parse(fs.readFileSync('test/distillation.json', 'utf8'));
const parts = partsOf(drawing);

const every = all => all.flatMap(p => [p, ...every(p.children)]);
const openable = every(parts).filter(p => p.children.length > 0);

test('every operation is one part, and parts cost what they hold', () => {
  const operations = every(parts).filter(p => p.operation !== undefined).map(p => p.operation).sort();
  assert.deepEqual(operations, drawing.boxes.filter(b => b.nodes.length > 1).flatMap(b => b.nodes.map(n => n.name)).sort());
  for (const part of openable) {
    for (const cost of ['multiply_adds', 'memory', 'nanoseconds']) assert.equal(part.children.reduce((s, c) => s + c[cost], 0), part[cost], `${part.id} ${cost}`);
  }
  assert.equal(new Set(every(parts).map(p => p.id)).size, every(parts).length);
});

test('closed, the arrows are the declared ones; open, they are those of the graph', () => {
  const closed = visible(drawing, parts, new Set());
  assert.deepEqual(closed.shown.map(p => p.id), drawing.boxes.map(b => b.name));
  assert.equal(closed.edges.length, drawing.arrows.length);
  const all = visible(drawing, parts, new Set(openable.map(p => p.id)));
  assert.equal(all.shown.filter(p => p.operation !== undefined).length + all.shown.filter(p => p.operation === undefined).length, all.shown.length);
  const shown = new Set(all.shown.map(p => p.id));
  assert.ok(all.edges.every(e => shown.has(e.from) && shown.has(e.to)));
  const inner = drawing.boxes.filter(b => b.nodes.length > 1).flatMap(b => b.nodes).length;
  assert.ok(all.edges.length >= inner, 'each operation reads something');
  for (const part of openable) {
    const one = visible(drawing, parts, new Set([part.id]));
    const seen = new Set(one.shown.map(p => p.id));
    assert.ok(one.edges.every(e => seen.has(e.from) && seen.has(e.to)), part.id);
  }
});

test('boxes do not overlap, opened or closed', () => {
  for (const open of [new Set(), new Set(['trunk']), new Set(openable.map(p => p.id))]) {
    const { shown, opened, edges } = visible(drawing, parts, open);
    const layout = place(parts, open, edges);
    const frames = [...layout.boxes.values()];
    assert.equal(frames.length, shown.length);
    assert.equal(layout.frames.size, opened.length);
    assert.ok(frames.every(f => f.x >= 0 && f.y >= 0 && f.x + f.width <= layout.width && f.y + f.height <= layout.height));
    assert.ok(layout.routes.every(r => r.points.every(p => p.x >= 0 && p.x <= layout.width && p.y >= 0 && p.y <= layout.height)));
    for (let i = 0; i < frames.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [frames[i], frames[j]];
        assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y);
      }
    }
  }
});

test('colours are shares of the largest', () => {
  const { shown } = visible(drawing, parts, new Set());
  const shares = shown.map(p => heat(p, shown, 'parameters'));
  assert.equal(Math.max(...shares), 1);
  assert.equal(shares[shown.findIndex(p => p.id === 'trunk')], 1);
  assert.equal(heat(shown[0], shown, 'kind'), null);
  assert.equal(quantity(21284672, 'parameters'), '21.3 M');
  assert.equal(quantity(3 << 20, 'memory'), '3.00 MiB');
  assert.equal(quantity(999, 'multiply_adds'), '999');
  assert.equal(quantity(1234567, 'nanoseconds'), '1.23 ms');
});

const chromium = [process.env.CHROMIUM, 'chromium', 'google-chrome'].find(c => c && spawnSync(c, ['--version']).status === 0);

test('the page draws, opens, colours and asks for lines', { skip: chromium ? false : 'no Chromium' }, () => {
  const html = path.join(folder, 'page.html');
  const act = `
    const sent = [];
    window.acquireVsCodeApi = () => ({ postMessage: m => sent.push(m), getState: () => undefined, setState: () => {} });
    window.addEventListener('load', () => {
      window.dispatchEvent(new MessageEvent('message', { data: { type: 'drawing', drawing: ${JSON.stringify(drawing)} } }));
      const count = s => document.querySelectorAll(s).length;
      const result = { boxes: count('.box'), arrows: count('path.arrow') };
      document.querySelector('.box[data-id="trunk"] .handle').dispatchEvent(new MouseEvent('click', { bubbles: true }));
      document.querySelector('.box[data-id="trunk/layer4"] .handle').dispatchEvent(new MouseEvent('click', { bubbles: true }));
      result.opened = count('.frame');
      result.more = count('.box');
      document.querySelector('.box[data-id="depth_2"]').dispatchEvent(new MouseEvent('click', { bubbles: true }));
      const choice = document.getElementById('measure');
      choice.value = 'multiply_adds';
      choice.dispatchEvent(new Event('change'));
      result.heated = count('.heat');
      window.dispatchEvent(new MessageEvent('message', { data: { type: 'at', file: '/home/u/examples/distillation.mtl', line: ${drawing.boxes.find(b => b.name === 'depth_2').line} } }));
      result.current = [...document.querySelectorAll('.current')].map(b => b.getAttribute('data-id'));
      window.dispatchEvent(new MessageEvent('message', { data: { type: 'trouble', text: 'half typed' } }));
      result.stale = document.body.classList.contains('stale') && count('.box') === result.more;
      result.sent = sent;
      document.title = JSON.stringify(result);
    });`;
  fs.writeFileSync(html, `<!doctype html><meta charset="utf-8"><title></title><link rel="stylesheet" href="${pathToFileURL(path.resolve('media/drawing.css'))}"><body><script>${act}</script><script src="${pathToFileURL(path.resolve('dist/view.js'))}"></script></body>`);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'mtl-chromium-'));
  const dom = execFileSync(chromium, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    `--user-data-dir=${profile}`, '--virtual-time-budget=3000', '--dump-dom', pathToFileURL(html).href], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 << 20 });
  const result = JSON.parse(/<title>(\{.*?\})<\/title>/s.exec(dom)[1].replaceAll('&quot;', '"').replaceAll('&amp;', '&'));
  assert.equal(result.boxes, drawing.boxes.length);
  assert.equal(result.arrows, drawing.arrows.length);
  assert.equal(result.opened, 2);
  assert.ok(result.more > result.boxes + 5);
  assert.equal(result.heated, result.more);
  assert.deepEqual(result.current, ['depth_2']);
  assert.ok(result.stale);
  const went = drawing.boxes.find(b => b.name === 'depth_2');
  assert.deepEqual(result.sent, [{ type: 'ready' }, { type: 'go', file: went.file, line: went.line, column: went.column }]);
});
