// As much of VS Code as the drawing and the list of runs touch; what they do is kept, for a test to look at.
import * as path from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';

export const seen = { panels: [], opened: [], warnings: [], errors: [], executed: [] };
export const settings = new Map();
const listeners = { change: [], save: [], active: [], selection: [] };
const on = name => listener => { listeners[name].push(listener); return { dispose() {} }; };
export const emit = (name, event) => listeners[name].forEach(l => l(event));

export class EventEmitter { #all = []; event = l => { this.#all.push(l); return { dispose() {} }; }; fire(e) { this.#all.forEach(l => l(e)); } dispose() {} }
export class TreeItem { constructor(label, state) { Object.assign(this, { label, state }); } }
export class ThemeIcon { constructor(id) { this.id = id; } }
export class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
export class Range { constructor(start, end) { Object.assign(this, { start, end }); } }
export class Selection extends Range { get active() { return this.end; } }
export class RelativePattern { constructor(base, pattern) { Object.assign(this, { base, pattern }); } }
export const TreeItemCollapsibleState = { Collapsed: 1 }, ViewColumn = { Active: -1, Beside: -2, One: 1 }, ProgressLocation = { Window: 10 }, TextEditorRevealType = { InCenterIfOutsideViewport: 2 };
export const Uri = {
  file: f => ({ fsPath: f, toString: () => pathToFileURL(f).href }),
  parse: u => Uri.file(fileURLToPath(u)),
  joinPath: (base, ...parts) => Uri.file(path.join(base.fsPath, ...parts)),
};
export const workspace = {
  workspaceFolders: [],
  getConfiguration: section => ({ get: (key, standard) => settings.get(`${section}.${key}`) ?? standard }),
  getWorkspaceFolder: uri => workspace.workspaceFolders.find(f => uri.fsPath.startsWith(f.uri.fsPath)),
  openTextDocument: async uri => ({ uri, languageId: 'mtl' }),
  createFileSystemWatcher: () => ({ onDidCreate() {}, onDidChange() {}, onDidDelete() {}, dispose() {} }),
  onDidChangeTextDocument: on('change'), onDidSaveTextDocument: on('save'),
};
export const window = {
  activeTextEditor: undefined,
  onDidChangeActiveTextEditor: on('active'), onDidChangeTextEditorSelection: on('selection'),
  showTextDocument: async document => { const editor = { document, revealRange() {} }; seen.opened.push(editor); return editor; },
  showWarningMessage: async m => { seen.warnings.push(m); }, showErrorMessage: async m => { seen.errors.push(m); },
  withProgress: (_, work) => work(),
  createWebviewPanel: (type, title) => {
    const panel = {
      type, title, sent: [], reveal() {}, dispose() {}, onDidDispose() {},
      webview: { html: '', cspSource: 'stub:', asWebviewUri: u => u, postMessage: async m => { panel.sent.push(m); return true; }, onDidReceiveMessage: l => { panel.hear = l; } },
    };
    seen.panels.push(panel);
    return panel;
  },
};
export const commands = { executeCommand: async (...a) => { seen.executed.push(a); } };
