import * as path from 'node:path';
import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions, Trace } from 'vscode-languageclient/node';
import { find, type Command } from './command';
import { Drawings } from './drawing';
import { Runs } from './runs';

/** What the server's code lenses start here, and not in the server, which would only answer with a message. */
const inTerminal = ['run', 'check', 'plan', 'summary'];

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('mtl');
  const command = () => {
    const settings = vscode.workspace.getConfiguration('mtl');
    return find(settings.get('path', ''), process.env.PATH, path.join(context.extensionPath, 'server'), vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
  };
  const drawings = new Drawings(context, () => client, command);
  const runs = new Runs(command);
  context.subscriptions.push(
    output, drawings, runs, vscode.window.createTreeView('mtl.runs', { treeDataProvider: runs }),
    vscode.commands.registerCommand('mtlc.draw', async (uri?: unknown) => drawings.open(await documentOf(uri))),
    ...inTerminal.map(verb => vscode.commands.registerCommand(`mtlc.${verb}`, async (uri?: unknown) => run(command(), verb, await documentOf(uri)))),
    vscode.commands.registerCommand('mtl.restart', () => restart(command, output)),
    vscode.commands.registerCommand('mtl.runs.refresh', () => runs.refresh()),
    vscode.commands.registerCommand('mtl.runs.report', run => runs.report(run)),
    vscode.commands.registerCommand('mtl.runs.folder', run => runs.reveal(run)),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration('mtl.path')) void restart(command, output);
      if (change.affectsConfiguration('mtl.runs.folder')) runs.refresh();
    }));
  await restart(command, output);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(command: () => Command | undefined, output: vscode.OutputChannel): Promise<void> {
  await client?.stop().catch(() => undefined);
  client = undefined;
  const found = command();
  if (!found) {
    const setting = vscode.workspace.getConfiguration('mtl').get('path', '');
    const choice = await vscode.window.showWarningMessage(
      setting ? `mtl.path leads to no program: ${setting}` : 'mtlc was not found: neither on PATH nor beside this extension. Files are coloured, and not checked.', 'Open the Setting');
    if (choice) await vscode.commands.executeCommand('workbench.action.openSettings', 'mtl.path');
    return;
  }
  output.appendLine(`mtlc: ${found.path} (${found.origin})`);
  const server: ServerOptions = { command: found.path, args: ['lsp'] };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: 'mtl' }],
    outputChannel: output,
    initializationOptions: { commands: ['mtlc.draw', ...inTerminal.map(v => `mtlc.${v}`)] },
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*.mtl') },
  };
  const made = new LanguageClient('mtl', 'mtl', server, options);
  client = made;
  try {
    await made.start();
    const wanted = vscode.workspace.getConfiguration('mtl').get('trace.server', 'off');
    await made.setTrace(Trace.fromString(wanted));
  } catch (error) {
    // An older mtlc has no server: the drawing and the runs work all the same.
    if (client === made) client = undefined;
    output.appendLine(`mtlc lsp did not start: ${error}`);
    void vscode.window.showWarningMessage('The language server did not start; the output channel "mtl" says why.');
  }
}

/** Of a code lens, the program that it stands above; else the one that is edited. */
async function documentOf(uri: unknown): Promise<vscode.TextDocument | undefined> {
  const document = typeof uri === 'string' ? await vscode.workspace.openTextDocument(vscode.Uri.parse(uri)) : vscode.window.activeTextEditor?.document;
  return document?.languageId === 'mtl' ? document : undefined;
}

function run(command: Command | undefined, verb: string, document: vscode.TextDocument | undefined): void {
  if (!command || !document) return;
  const folder = vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? path.dirname(document.uri.fsPath);
  // The program and its arguments, not a line for a shell: names of files mean nothing else there.
  const terminal = vscode.window.createTerminal({
    name: `mtlc ${verb}`, cwd: folder, shellPath: command.path, shellArgs: [verb, path.relative(folder, document.uri.fsPath)], isTransient: true,
  });
  terminal.show();
}
