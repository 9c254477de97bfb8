import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Verdict } from '../judge.ts';
import type { FaultContext, FaultResult } from '../run.ts';

const run = promisify(execFile);
const judgeFile = fileURLToPath(new URL('../judge.ts', import.meta.url));

/** Lets the judge, a program of its own, look at one organization, or at all of them together. */
export async function askJudge(adminUrl: string, logFile: string, orgId = 'all'): Promise<Verdict> {
	const { stdout } = await run(
		process.execPath,
		[judgeFile, '--database', adminUrl, '--org', orgId, '--log', logFile],
		{ maxBuffer: 16 * 1024 * 1024 }
	);
	return JSON.parse(stdout) as Verdict;
}

export type Check = [label: string, held: boolean];

/** I1-I9 as one check. */
export function invariantsHold({ invariants }: Verdict): Check {
	const broken = Object.entries(invariants).filter(([, times]) => times > 0);
	const which = broken.map(([id, times]) => ` (${id} broken ${times} times)`).join('');
	return [`I1-I9${which}`, broken.length === 0];
}

/** Prints the figures and what of the promise held. */
export function conclude(
	{ say }: FaultContext,
	figures: Record<string, number>,
	checks: readonly Check[],
	more: Record<string, unknown> = {}
): FaultResult {
	for (const [key, value] of Object.entries(figures)) say(`  ${key.padEnd(24)}${String(value).padStart(8)}`);
	for (const [label, held] of checks) say(`  ${held ? 'held  ' : 'BROKEN'}  ${label}`);
	return { passed: checks.every(([, held]) => held), figures: { ...figures, ...more } };
}

/** `--name=3` or NAME=3 of the environment. */
export function numberArgument({ args }: FaultContext, name: string, fallback: number): number {
	const flag = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
	return Number(flag) || fallback;
}

/** How much of a campaign is wanted: `--scale=0.1` for trying. */
export const scaled = (context: FaultContext, full: number, atLeast = 1): number =>
	Math.max(atLeast, Math.round(full * numberArgument(context, 'scale', 1)));
