// A conversation with the real server, as VS Code's client has it. MTLC names the command: `mtlc`, or "dotnet .../mtlc.dll".
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const rpc = createRequire(import.meta.url)('vscode-jsonrpc/node');
const [command, ...before] = (process.env.MTLC ?? 'mtlc').split(' ');
const hasServer = /mtlc lsp/.test(spawnSync(command, [...before, 'lsp', '--help'], { encoding: 'utf8' }).stdout ?? '');

test('a program is opened, wrong, mended and drawn', { skip: hasServer ? false : 'no mtlc lsp', timeout: 60_000 }, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mtl-server-'));
  const text = fs.readFileSync('../../src/Cli/Templates/segmentation/network.mtl', 'utf8');
  fs.writeFileSync(path.join(folder, 'recipe.mtl'), fs.readFileSync('../../src/Cli/Templates/common/recipe.mtl'));
  fs.writeFileSync(path.join(folder, 'network.mtl'), text);
  const uri = pathToFileURL(path.join(folder, 'network.mtl')).href;
  const server = spawn(command, [...before, 'lsp'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = rpc.createMessageConnection(new rpc.StreamMessageReader(server.stdout), new rpc.StreamMessageWriter(server.stdin));
  const told = [];
  let wake = () => {};
  connection.onNotification('textDocument/publishDiagnostics', p => { if (p.uri === uri) { told.push(p.diagnostics); wake(); } });
  const until = async accept => { while (!told.some(accept)) await new Promise(resolve => { wake = resolve; }); };
  connection.listen();
  const { capabilities } = await connection.sendRequest('initialize', {
    processId: process.pid, rootUri: pathToFileURL(folder).href, workspaceFolders: null,
    capabilities: { textDocument: { publishDiagnostics: {}, hover: { contentFormat: ['markdown'] }, synchronization: {} } },
  });
  assert.ok(capabilities.hoverProvider && capabilities.completionProvider && capabilities.definitionProvider);
  await connection.sendNotification('initialized', {});
  await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId: 'mtl', version: 1, text: text.replace('trunk/4', 'trnk/4') } });
  await until(d => d.some(e => /trnk/.test(e.message)));
  told.length = 0;
  await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version: 2 }, contentChanges: [{ text }] });
  await until(d => d.length === 0);
  const lines = text.split('\n');
  const line = lines.findIndex(l => l.includes('decoder head'));
  const hover = await connection.sendRequest('textDocument/hover', { textDocument: { uri }, position: { line, character: lines[line].indexOf('context') + 1 } });
  assert.match(JSON.stringify(hover.contents), /256 x H\/16 x W\/16/);
  const drawing = await connection.sendRequest('mtlc/graph', { textDocument: { uri } });
  const drawn = typeof drawing === 'string' ? JSON.parse(drawing) : drawing;
  assert.deepEqual(drawn.boxes.map(b => b.name), ['image', 'trunk', 'context', 'head', 'task semseg']);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  const code = await new Promise(resolve => server.once('exit', resolve));
  assert.equal(code, 0);
});
