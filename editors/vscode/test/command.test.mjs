// Where mtlc is looked for, and what is made of what it prints: without VS Code.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mtl-command-'));
await build({ entryPoints: ['src/command.ts', 'src/runlist.ts', 'src/page.ts'], outdir: folder, outExtension: { '.js': '.mjs' }, bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' });
const { find, ask } = await import(path.join(folder, 'command.mjs'));
const { parseRuns, scoresOf, pictures } = await import(path.join(folder, 'runlist.mjs'));
const { page } = await import(path.join(folder, 'page.mjs'));

function program(...parts) {
  const file = path.join(folder, ...parts);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, '#!/bin/sh\necho "$@"; echo wrong >&2; [ "$1" != fail ]\n', { mode: 0o755 });
  return file;
}

const [set, onPath, bundled] = [program('set', 'mtlc'), program('path', 'mtlc'), program('bundled', 'mtlc')];
const search = ['/nowhere', path.dirname(onPath)].join(path.delimiter);

test('the setting comes first, then PATH, then what is bundled', () => {
  assert.deepEqual(find(set, search, path.dirname(bundled), undefined), { path: set, origin: 'setting' });
  assert.deepEqual(find('set/mtlc', search, path.dirname(bundled), folder), { path: set, origin: 'setting' });
  assert.deepEqual(find('', search, path.dirname(bundled), undefined), { path: onPath, origin: 'PATH' });
  assert.deepEqual(find(' ', '/nowhere', path.dirname(bundled), undefined), { path: bundled, origin: 'bundled' });
  assert.equal(find('', undefined, '/nowhere', undefined), undefined);
});

test('a setting that leads nowhere, or to what cannot be run, is not passed over', () => {
  fs.writeFileSync(path.join(folder, 'text'), 'text', { mode: 0o644 });
  assert.equal(find('/nowhere/mtlc', search, path.dirname(bundled), undefined), undefined);
  assert.equal(find(path.join(folder, 'text'), search, path.dirname(bundled), undefined), undefined);
  assert.equal(find(folder, search, path.dirname(bundled), undefined), undefined);
});

test('a command is asked without a shell, and its error is its first line', async () => {
  assert.equal(await ask(set, ['a b', '$HOME'], folder), 'a b $HOME\n');
  await assert.rejects(ask(set, ['fail'], folder), { message: 'wrong' });
});

test('lines of runs become runs with scores', () => {
  const [run, older] = parseRuns('{"run":"runs/a","model":"m","status":"finished","changed":"2026-01-01T00:00:00","multitask":12.345,"semseg/mean_iou":0.5,"depth/mae/10-15m":1,"train.batch":4}\nnoise\n{"run":"runs/b","model":"m","status":"running","changed":"x","multitask":null}\n');
  assert.equal(run.headline, '12.35');
  assert.deepEqual(scoresOf(run), [['multitask', 12.345], ['semseg/mean_iou', 0.5]]);
  assert.equal(older.headline, '');
});

test('pictures are the newest, by number', async () => {
  const samples = path.join(folder, 'samples');
  fs.mkdirSync(samples);
  ['step-9.png', 'step-100.png', 'notes.txt'].forEach(n => fs.writeFileSync(path.join(samples, n), ''));
  assert.deepEqual((await pictures(samples)).map(f => path.basename(f)), ['step-100.png', 'step-9.png']);
  assert.deepEqual(await pictures(path.join(folder, 'none')), []);
});

test('the page loads nothing from elsewhere', () => {
  const html = page('s.js', 's.css', 'vscode-webview:');
  assert.match(html, /default-src 'none'; script-src vscode-webview:;/);
  assert.doesNotMatch(html, /https?:/);
});
