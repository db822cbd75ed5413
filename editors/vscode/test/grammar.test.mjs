// The TextMate grammar, by the engine of VS Code, on every example of the repository.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const textmate = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');
await oniguruma.loadWASM(fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')).buffer);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({ createOnigScanner: p => new oniguruma.OnigScanner(p), createOnigString: s => new oniguruma.OnigString(s) }),
  loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync('syntaxes/mtl.tmLanguage.json', 'utf8'), 'mtl.tmLanguage.json'),
});
const grammar = await registry.loadGrammar('source.mtl');

function scopes(text) {
  let stack = textmate.INITIAL;
  return text.split(/\r?\n/).flatMap(line => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    return tokens.map(t => [line.slice(t.startIndex, t.endIndex), t.scopes.slice(1).join(' ')]).filter(([word]) => word.trim());
  });
}

const of = (text, word) => scopes(text).filter(([w]) => w.trim() === word).map(([, s]) => s);

test('words are what they are where they stand', () => {
  assert.deepEqual(of('model net {', 'net'), ['entity.name.type.mtl']);
  assert.deepEqual(of('  task depth: depth', 'depth'), ['variable.other.constant.mtl', 'support.type.mtl']);
  assert.deepEqual(of('  input thermal: map { channels: 1 }', 'map'), ['support.type.mtl']);
  assert.deepEqual(of('  encoder geometry: resnet50(thermal)', 'resnet50'), ['entity.name.function.mtl']);
  assert.deepEqual(of('  task edge: contour of semseg', 'of'), ['keyword.other.mtl']);
  assert.deepEqual(of('  decoder head: context + skip trunk/4 -> semseg', 'skip'), ['keyword.other.mtl']);
  assert.deepEqual(of('  exchange mix: trunk_a, trunk_b at layer1, layer2', 'at'), ['keyword.other.mtl']);
  assert.deepEqual(of('  share up: plain_decoder', 'plain_decoder'), ['entity.name.function.mtl']);
  assert.deepEqual(of('  decoder head: context -> depth { at: 4 }', 'at'), ['variable.other.property.mtl']);
  assert.deepEqual(of('  corrupt: skip', 'skip'), ['variable.other.mtl']);
  assert.deepEqual(of('  encoder trunk: resnet18 { frozen: until layer3, lr: 0.1x }', 'until'), ['keyword.other.mtl']);
  assert.deepEqual(of('  encoder trunk: resnet18 { frozen: until layer3, lr: 0.1x }', '0.1x'), ['constant.numeric.mtl']);
  assert.deepEqual(of('train { decay: except norms and biases }', 'except'), ['keyword.other.mtl']);
  assert.deepEqual(of('  loss: 0.5 * l2(depth)', 'loss'), ['keyword.declaration.mtl']);
  assert.deepEqual(of('  loss: 0.5 * l2(depth)', 'l2'), ['entity.name.function.call.mtl']);
  assert.deepEqual(of('  source: synthetic { size: 128x256 }', '128x256'), ['constant.numeric.size.mtl']);
  assert.deepEqual(of('  lr: 1e-4 # slow', '1e-4'), ['constant.numeric.mtl']);
  assert.deepEqual(of('  lr: 1e-4 # slow', '# slow'), ['comment.line.number-sign.mtl']);
  assert.deepEqual(of('train { batch: 4 }', 'train'), ['keyword.declaration.mtl']);
  assert.deepEqual(of('  train.batch: [2, 4] with train.epochs: [8, 4]', 'with'), ['keyword.other.mtl']);
  assert.deepEqual(of('component f(x, out = 256) {', 'f'), ['entity.name.function.mtl']);
  assert.deepEqual(of('import "recipe.mtl"', '"recipe.mtl"'), ['string.quoted.double.mtl']);
});

const root = path.resolve('../..');
const programs = ['examples', 'src/Compiler/Std', 'src/Cli/Templates'].flatMap(f => fs.readdirSync(path.join(root, f), { recursive: true }).map(n => path.join(root, f, n))).filter(f => f.endsWith('.mtl'));

test(`every word of ${programs.length} programs has a scope`, () => {
  assert.ok(programs.length > 30);
  for (const file of programs) {
    const bare = scopes(fs.readFileSync(file, 'utf8')).filter(([, scope]) => scope === '');
    assert.deepEqual(bare, [], file);
  }
});

test('snippets are programs\' parts: their braces close, and their words are the language\'s', () => {
  const snippets = JSON.parse(fs.readFileSync('snippets/mtl.json', 'utf8'));
  for (const [name, { prefix, body }] of Object.entries(snippets)) {
    const text = [body].flat().join('\n').replace(/\$\{\d+\|((?:[^\\|]|\\.)*?)(?<!\\),.*?\|\}/g, '$1').replace(/\$\{\d+:([^{}]*)\}/g, '$1').replace(/\$\{?\d+\}?/g, '').replaceAll('\\', '');
    for (const [a, b] of ['{}', '[]', '()']) assert.equal(text.split(a).length, text.split(b).length, `${name}: ${text}`);
    assert.ok(prefix);
  }
});
