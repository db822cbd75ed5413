import * as path from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { ask, type Command } from './command';
import type { Drawing } from './view/model';
import { page } from './page';

/** JSON-RPC's answer of a server that does not know a method. */
const unknownMethod = -32601;
const pause = 250;

/** The drawing beside the source of the program that is edited: one panel, which follows the editor. */
export class Drawings implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private document: vscode.TextDocument | undefined;
  private timer: NodeJS.Timeout | undefined;
  private asked = 0;
  private times: { uri: string; nanoseconds: Map<string, number> } | undefined;
  private readonly listeners: vscode.Disposable[];

  constructor(
    private readonly context: vscode.ExtensionContext, private readonly client: () => LanguageClient | undefined, private readonly command: () => Command | undefined) {
    this.listeners = [
      vscode.workspace.onDidChangeTextDocument(change => { if (change.document.languageId === 'mtl') this.soon(); }),
      vscode.workspace.onDidSaveTextDocument(document => { if (document.languageId === 'mtl') this.soon(); }),
      vscode.window.onDidChangeActiveTextEditor(editor => { if (editor?.document.languageId === 'mtl' && editor.document !== this.document) this.follow(editor.document); }),
      vscode.window.onDidChangeTextEditorSelection(event => { if (event.textEditor.document.languageId === 'mtl') this.at(event.textEditor); }),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listeners.forEach(l => l.dispose());
    this.panel?.dispose();
  }

  open(document: vscode.TextDocument | undefined): void {
    if (!document) return;
    if (!this.panel) {
      const roots = ['dist', 'media'].map(f => vscode.Uri.joinPath(this.context.extensionUri, f));
      this.panel = vscode.window.createWebviewPanel('mtl.drawing', 'Network', { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { enableScripts: true, localResourceRoots: roots, retainContextWhenHidden: true });
      const webview = this.panel.webview;
      const uri = (...parts: string[]) => webview.asWebviewUri(vscode.Uri.joinPath(this.context.extensionUri, ...parts)).toString();
      webview.onDidReceiveMessage(message => this.hear(message));
      this.panel.onDidDispose(() => { this.panel = undefined; });
      webview.html = page(uri('dist', 'view.js'), uri('media', 'drawing.css'), webview.cspSource);
    }
    this.panel.reveal(undefined, true);
    this.follow(document);
  }

  private follow(document: vscode.TextDocument): void {
    this.document = document;
    if (this.panel) this.panel.title = `Network: ${path.basename(document.uri.fsPath)}`;
    this.soon(0);
  }

  private hear(message: { type: string; file?: string; line?: number; column?: number }): void {
    if (message.type === 'ready') this.soon(0);
    else if (message.type === 'time') void this.measure();
    else if (message.type === 'go' && this.document && message.line !== undefined) void this.go(message.file ?? '', message.line, message.column ?? 1);
  }

  private async go(file: string, line: number, column: number): Promise<void> {
    const main = this.document!.uri;
    const target = file.startsWith('file:') ? vscode.Uri.parse(file)
      : path.isAbsolute(file) ? vscode.Uri.file(file) : vscode.Uri.file(path.resolve(this.folder(), file || main.fsPath));
    const editor = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(target), { viewColumn: vscode.ViewColumn.One });
    const place = new vscode.Position(line - 1, column - 1);
    editor.selection = new vscode.Selection(place, place);
    editor.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private at(editor: vscode.TextEditor): void {
    void this.panel?.webview.postMessage({ type: 'at', file: editor.document.uri.fsPath, line: editor.selection.active.line + 1 });
  }

  private soon(wait = pause): void {
    if (!this.panel || !this.document) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.draw(), wait);
  }

  private async draw(): Promise<void> {
    const [panel, document, mine] = [this.panel, this.document, ++this.asked];
    if (!panel || !document) return;
    try {
      const drawing = await this.read(document);
      if (mine !== this.asked) return;
      if (this.times?.uri === document.uri.toString()) withTimes(drawing, this.times.nanoseconds);
      await panel.webview.postMessage({ type: 'drawing', drawing, measure: vscode.workspace.getConfiguration('mtl').get('drawing.colour', 'kind') });
      const editor = vscode.window.activeTextEditor;
      if (editor?.document === document) this.at(editor);
    } catch (error) {
      // While a line is half typed: the last drawing stays, and says so.
      if (mine === this.asked) await panel.webview.postMessage({ type: 'trouble', text: error instanceof Error ? error.message : String(error) });
    }
  }

  /** From the server, which knows what is typed and not saved; from a server that draws nothing, of the saved file. */
  private async read(document: vscode.TextDocument): Promise<Drawing> {
    const client = this.client();
    if (client?.isRunning()) {
      try {
        const answer = await client.sendRequest<Drawing | string | null>('mtlc/graph', { textDocument: { uri: document.uri.toString() } });
        if (answer === null) throw new Error('The program has errors; this is what it was before them.');
        return typeof answer === 'string' ? JSON.parse(answer) as Drawing : answer;
      } catch (error) {
        if ((error as { code?: number }).code !== unknownMethod) throw error;
      }
    }
    return JSON.parse(await this.graph(document)) as Drawing;
  }

  private graph(document: vscode.TextDocument, ...more: string[]): Promise<string> {
    const command = this.command();
    if (!command) throw new Error('mtlc was not found');
    return ask(command.path, ['graph', path.relative(this.folder(), document.uri.fsPath), '--format', 'json', ...more], this.folder());
  }

  private folder(): string {
    const uri = this.document!.uri;
    return vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
  }

  /** Times are measured of the saved file, when they are asked for. */
  private async measure(): Promise<void> {
    const document = this.document;
    if (!document) return;
    try {
      const text = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'mtl: timing the network' }, () => this.graph(document, '--time'));
      const measured = JSON.parse(text) as Drawing;
      this.times = { uri: document.uri.toString(), nanoseconds: new Map(measured.boxes.flatMap(b => b.nodes.map(n => [n.name, n.nanoseconds ?? 0] as const))) };
      this.soon(0);
    } catch (error) {
      void vscode.window.showWarningMessage(`The network could not be timed: ${error instanceof Error ? error.message : error}`);
    }
  }
}

/** Puts what was measured into a drawing; an operation that has come since has no time yet. */
function withTimes(drawing: Drawing, nanoseconds: Map<string, number>): void {
  drawing.nanoseconds = 0;
  for (const box of drawing.boxes) {
    box.nanoseconds = 0;
    for (const node of box.nodes) {
      node.nanoseconds = nanoseconds.get(node.name) ?? 0;
      box.nanoseconds += node.nanoseconds;
    }
    drawing.nanoseconds += box.nanoseconds;
  }
}
