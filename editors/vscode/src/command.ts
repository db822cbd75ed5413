import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

export interface Command { path: string; origin: 'setting' | 'PATH' | 'bundled' }

/** Where `mtlc` is: by the setting, then on PATH, then bundled; undefined where it is nowhere. */
export function find(setting: string, folders: string | undefined, bundled: string, workspace: string | undefined, platform = process.platform): Command | undefined {
  const names = platform === 'win32' ? ['mtlc.exe', 'mtlc.cmd'] : ['mtlc'];
  if (setting.trim()) {
    const wanted = setting.trim().replace(/^~(?=\/|\\)/, process.env.HOME ?? '~');
    // A setting is what the user wants: one that leads nowhere is told, and not passed over.
    const full = path.isAbsolute(wanted) ? wanted : path.resolve(workspace ?? '.', wanted);
    return isProgram(full) ? { path: full, origin: 'setting' } : undefined;
  }
  for (const folder of (folders ?? '').split(path.delimiter).filter(Boolean)) {
    const found = names.map(n => path.join(folder, n)).find(isProgram);
    if (found) return { path: found, origin: 'PATH' };
  }
  const own = names.map(n => path.join(bundled, n)).find(isProgram);
  return own ? { path: own, origin: 'bundled' } : undefined;
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

const mostBytes = 64 << 20;

/** What the command prints. Rejects with the first line of what it says of errors. */
export function ask(command: string, args: string[], folder: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => execFile(
    command, args, { cwd: folder, maxBuffer: mostBytes, signal, env: { ...process.env, NO_COLOR: '1' } },
    (error, output, errors) => error ? reject(new Error(errors.trim().split('\n')[0] || error.message)) : resolve(output)));
}
