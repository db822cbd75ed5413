// Two bundles: what runs beside VS Code, and what runs in the drawing's page.
import { build } from 'esbuild';

const shared = { bundle: true, minify: true, legalComments: 'linked', logLevel: 'info' };
await build({ ...shared, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', platform: 'node', target: 'node20', format: 'cjs', external: ['vscode'] });
await build({ ...shared, entryPoints: ['src/view/main.ts'], outfile: 'dist/view.js', platform: 'browser', target: 'es2022', format: 'iife' });
