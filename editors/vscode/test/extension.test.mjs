// The drawing and the list of runs with the real mtlc, and VS Code played by test/vscode.stub.mjs. MTLC names the command: `mtlc`, or "dotnet .../mtlc.dll".
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';

const [program, ...before] = (process.env.MTLC ?? 'mtlc').split(' ');
const skip = spawnSync(program, [...before, '--version']).status === 0 ? false : 'no mtlc';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mtl-extension-'));
const command = path.join(folder, 'mtlc');
fs.writeFileSync(command, `#!/bin/sh\nexec ${program} ${before.map(b => `'${b}'`).join(' ')} "$@"\n`, { mode: 0o755 });
const stub = path.resolve('test/vscode.stub.mjs');
await build({
  stdin: { contents: `export * from './src/drawing'; export * from './src/runs'; export * as vscode from 'vscode';`, resolveDir: '.' },
  outfile: path.join(folder, 'all.mjs'), bundle: true, platform: 'node', format: 'esm', alias: { vscode: stub }, logLevel: 'silent',
});
const { Drawings, Runs, vscode } = await import(path.join(folder, 'all.mjs'));

const work = path.join(folder, 'work');
fs.mkdirSync(work);
const template = fs.readFileSync('../../src/Cli/Templates/segmentation/network.mtl', 'utf8');
fs.writeFileSync(path.join(work, 'recipe.mtl'), 'data { source: synthetic { scenes: 8, size: 64x64 }, augment: { crop: 64 } }\ntrain { batch: 2, epochs: 1 }\n');
const file = path.join(work, 'network.mtl');
fs.writeFileSync(file, template);
vscode.workspace.workspaceFolders = [{ uri: vscode.Uri.file(work) }];
const document = { uri: vscode.Uri.file(file), languageId: 'mtl' };
const editor = { document, selection: new vscode.Selection(new vscode.Position(0, 0), new vscode.Position(0, 0)) };
const until = async accept => { for (let i = 0; i < 2000 && !accept(); i++) await new Promise(r => setTimeout(r, 50)); assert.ok(accept()); };

test('a drawing is shown, followed, timed, and gone from to the line', { skip, timeout: 120_000 }, async () => {
  vscode.window.activeTextEditor = editor;
  const drawings = new Drawings({ extensionUri: vscode.Uri.file(path.resolve('.')) }, () => undefined, () => ({ path: command, origin: 'PATH' }));
  drawings.open(document);
  const [panel] = vscode.seen.panels;
  assert.match(panel.webview.html, /dist\/view\.js/);
  const drawn = () => panel.sent.filter(m => m.type === 'drawing');
  await until(() => drawn().length > 0);
  assert.deepEqual(drawn()[0].drawing.boxes.map(b => b.name), ['image', 'trunk', 'context', 'head', 'task semseg']);

  const head = drawn()[0].drawing.boxes.find(b => b.name === 'head');
  assert.equal(template.split('\n')[head.line - 1].trim().split(' ')[0], 'decoder');
  panel.hear({ type: 'go', file: head.file, line: head.line, column: head.column });
  await until(() => vscode.seen.opened.length > 0 && vscode.seen.opened[0].selection);
  assert.equal(vscode.seen.opened[0].document.uri.fsPath, file);
  assert.equal(vscode.seen.opened[0].selection.active.line, head.line - 1);

  fs.writeFileSync(file, template.replace('trunk/4', 'trnk/4'));
  vscode.emit('save', document);
  await until(() => panel.sent.some(m => m.type === 'trouble'));
  fs.writeFileSync(file, template.replace('-> 256', '-> 64'));
  vscode.emit('change', { document });
  await until(() => drawn().some(m => m.drawing.boxes.some(b => b.name === 'context' && b.lines[1].startsWith('aspp  64 x'))));
  panel.hear({ type: 'time' });
  await until(() => drawn().some(m => m.drawing.nanoseconds > 0));
  drawings.dispose();
});

test('a server that draws is asked for what is typed', async () => {
  const drawing = { model: 'live', boxes: [], arrows: [], outputs: [] };
  const asked = [];
  const client = { isRunning: () => true, sendRequest: async (method, parameters) => { asked.push([method, parameters]); return drawing; } };
  vscode.window.activeTextEditor = editor;
  const drawings = new Drawings({ extensionUri: vscode.Uri.file(path.resolve('.')) }, () => client, () => undefined);
  drawings.open(document);
  const panel = vscode.seen.panels.at(-1);
  await until(() => panel.sent.some(m => m.type === 'drawing' && m.drawing.model === 'live'));
  assert.deepEqual(asked[0], ['mtlc/graph', { textDocument: { uri: document.uri.toString() } }]);
  drawings.dispose();
});

test('runs are listed with scores and pictures, and open as their report', { skip, timeout: 300_000 }, async () => {
  fs.writeFileSync(file, template.replace('resnet18 { dilate: [false, false, true] }', 'resnet18'));
  const trained = spawnSync(command, ['run', 'network.mtl', '--out', 'runs/one', '--max-steps', '1'], { cwd: work, encoding: 'utf8' });
  assert.equal(trained.status, 0, trained.stderr);
  const runs = new Runs(() => ({ path: command, origin: 'PATH' }));
  const [one, ...others] = await runs.getChildren();
  assert.equal(others.length, 0);
  const shown = runs.getTreeItem(one);
  assert.equal(shown.label, 'one');
  assert.match(shown.description, /^network/);
  const children = await runs.getChildren(one);
  assert.ok(children.some(c => c.kind === 'score' && c.key === 'semseg/mean_iou'));
  assert.ok(children.some(c => c.kind === 'picture' && fs.existsSync(c.file)));
  await runs.report(one);
  assert.match(vscode.seen.panels.at(-1).webview.html, /<html/i);
  assert.deepEqual(vscode.seen.errors, []);
  runs.dispose();
});
