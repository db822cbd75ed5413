import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { ask, type Command } from './command';
import { parseRuns, pictures, scoresOf, type Run } from './runlist';

type Item = { kind: 'run'; run: Run } | { kind: 'score'; key: string; value: number } | { kind: 'picture'; file: string };

const pause = 1500;

/** Every run below the workspace's folder of runs, with its scores and its newest sample pictures. */
export class Runs implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private watcher: vscode.FileSystemWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  private reports: string | undefined;

  constructor(private readonly command: () => Command | undefined) {
    this.watch();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watcher?.dispose();
    this.changed.dispose();
    if (this.reports) void fs.rm(this.reports, { recursive: true, force: true });
  }

  refresh(): void {
    this.watch();
    this.changed.fire();
  }

  getTreeItem(item: Item): vscode.TreeItem {
    if (item.kind === 'run') {
      const made = new vscode.TreeItem(path.basename(item.run.run), vscode.TreeItemCollapsibleState.Collapsed);
      made.description = [item.run.model, item.run.status, item.run.headline].filter(Boolean).join('  ');
      made.tooltip = `${item.run.run}\n${item.run.model}, ${item.run.status}\nchanged ${item.run.changed}`;
      made.contextValue = 'run';
      made.iconPath = new vscode.ThemeIcon(item.run.status === 'finished' ? 'pass' : item.run.status === 'diverged' ? 'error' : 'history');
      return made;
    }
    if (item.kind === 'score') {
      const made = new vscode.TreeItem(item.key);
      made.description = item.value.toPrecision(4);
      return made;
    }
    const made = new vscode.TreeItem(vscode.Uri.file(item.file));
    made.label = path.basename(item.file);
    made.command = { command: 'vscode.open', title: 'Open', arguments: [vscode.Uri.file(item.file)] };
    return made;
  }

  async getChildren(item?: Item): Promise<Item[]> {
    const root = workspace();
    if (!root) return [];
    if (!item) return (await this.read(root)).map(run => ({ kind: 'run', run }));
    if (item.kind !== 'run') return [];
    const samples = await pictures(path.resolve(root, item.run.run, 'samples'));
    return [...scoresOf(item.run).map(([key, value]): Item => ({ kind: 'score', key, value })), ...samples.map((file): Item => ({ kind: 'picture', file }))];
  }

  /** The report of a run, as the page that `mtlc report` writes. */
  async report(item: Item | undefined): Promise<void> {
    const [root, command] = [workspace(), this.command()];
    if (item?.kind !== 'run' || !root || !command) return;
    this.reports ??= await fs.mkdtemp(path.join(os.tmpdir(), 'mtl-report-'));
    const file = path.join(this.reports, `${path.basename(item.run.run)}.html`);
    try {
      await ask(command.path, ['report', item.run.run, '--out', file], root);
      const panel = vscode.window.createWebviewPanel('mtl.report', path.basename(item.run.run), vscode.ViewColumn.Active, { enableScripts: true, enableFindWidget: true, localResourceRoots: [] });
      panel.webview.html = await fs.readFile(file, 'utf8');
    } catch (error) {
      void vscode.window.showErrorMessage(`The report could not be made: ${error instanceof Error ? error.message : error}`);
    }
  }

  reveal(item: Item | undefined): void {
    const root = workspace();
    if (item?.kind === 'run' && root) void vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(path.resolve(root, item.run.run)));
  }

  private async read(root: string): Promise<Run[]> {
    const command = this.command();
    const folder = path.resolve(root, folderOfRuns());
    if (!command || !await fs.access(folder).then(() => true, () => false)) return [];
    try {
      return parseRuns(await ask(command.path, ['runs', folder, '--format', 'jsonl', '--sort', 'changed', '--reverse'], root));
    } catch (error) {
      void vscode.window.showWarningMessage(`The runs could not be read: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  }

  private watch(): void {
    this.watcher?.dispose();
    const root = workspace();
    if (!root) return;
    // metrics.csv grows with each evaluation, result.json comes at the end.
    this.watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(root, `${folderOfRuns()}/**/{metrics.csv,result.json,config.yaml}`));
    const soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.changed.fire(), pause);
    };
    this.watcher.onDidCreate(soon);
    this.watcher.onDidChange(soon);
    this.watcher.onDidDelete(soon);
  }
}

function workspace(): string | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
}

function folderOfRuns(): string {
  return vscode.workspace.getConfiguration('mtl').get('runs.folder', 'runs') || 'runs';
}
