import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { namedRules, namePattern } from './rules.ts';

/** The tests that name one of the rules, by file and full name. `broken`: files that could not be loaded. */
export type Outcome = {
	tests: Map<string, { file: string; passed: boolean }>;
	broken: string[];
	timedOut: boolean;
};

type Report = {
	testResults: {
		name: string;
		message: string;
		assertionResults: { fullName: string; title: string; status: string }[];
	}[];
};

/** Runs the tests of these files whose names begin with one of the rules, in a folder that holds the tree. */
export async function runNamed(
	folder: string,
	rules: readonly string[],
	files: readonly string[],
	options: { bail: boolean; timeoutMs: number; env: Record<string, string> }
): Promise<Outcome> {
	const output = join(folder, '.mutant-report.json');
	rmSync(output, { force: true });
	const args = [
		'run',
		'-t',
		namePattern(rules),
		'--reporter=json',
		`--outputFile=${output}`,
		...(options.bail ? ['--bail=1'] : [])
	];
	const timedOut = await runVitest(folder, [...args, ...files], options);
	const outcome: Outcome = { tests: new Map(), broken: [], timedOut };
	if (!existsSync(output)) return { ...outcome, broken: timedOut ? [] : ['vitest wrote no report'] };
	const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
	const wanted = new Set(rules);
	for (const { name, message, assertionResults } of report.testResults) {
		const file = name.slice(folder.length + 1);
		if (!assertionResults.length && message) outcome.broken.push(`${file}: ${message.split('\n')[0]}`);
		for (const { fullName, title, status } of assertionResults) {
			const names = namedRules(`test(${JSON.stringify(title)}`);
			if ((status === 'passed' || status === 'failed') && names.some((id) => wanted.has(id)))
				outcome.tests.set(`${file} ${fullName}`, { file, passed: status === 'passed' });
		}
	}
	return outcome;
}

/** @returns whether it had to be ended */
function runVitest(
	cwd: string,
	args: readonly string[],
	{ timeoutMs, env }: { timeoutMs: number; env: Record<string, string> }
): Promise<boolean> {
	const child = spawn(process.execPath, [join(cwd, 'node_modules/vitest/vitest.mjs'), ...args], {
		cwd,
		env: { ...process.env, ...env },
		stdio: process.env['MUTANTS_VERBOSE'] ? 'inherit' : 'ignore',
		// A group of its own: what its tests started ends with it.
		detached: true
	});
	return new Promise((done) => {
		let timedOut = false;
		const timer = setTimeout(() => {
			timedOut = true;
			process.kill(-child.pid!, 'SIGKILL');
		}, timeoutMs);
		child.on('exit', () => {
			clearTimeout(timer);
			done(timedOut);
		});
	});
}
