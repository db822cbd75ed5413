import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** A line of `mtlc runs --format jsonl`. */
export interface Run { run: string; model: string; status: string; changed: string; headline: string; values: Record<string, unknown> }

const mostPictures = 8;

export function parseRuns(lines: string): Run[] {
  return lines.split('\n').filter(line => line.startsWith('{')).map(line => {
    const values = JSON.parse(line) as Record<string, unknown>;
    const score = values.multitask ?? scores(values)[0]?.[1];
    return {
      run: `${values.run}`, model: `${values.model}`, status: `${values.status}`, changed: `${values.changed}`,
      headline: typeof score === 'number' ? score.toPrecision(4) : '', values,
    };
  });
}

export function scoresOf(run: Run): [string, number][] {
  return scores(run.values);
}

/** Scores of tasks are called TASK/METRIC; `multitask` is of all. Bands of distance and classes are for the report. */
function scores(values: Record<string, unknown>): [string, number][] {
  return Object.entries(values).filter((entry): entry is [string, number] =>
    typeof entry[1] === 'number' && (entry[0] === 'multitask' || /^[A-Za-z_]\w*\/\w+$/.test(entry[0])));
}

/** The newest evaluation's pictures, which are called by their step. */
export async function pictures(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch(() => [] as string[]);
  return names.filter(n => /\.(png|jpe?g)$/i.test(n)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true })).slice(0, mostPictures).map(n => path.join(folder, n));
}
