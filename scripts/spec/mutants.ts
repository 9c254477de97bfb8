import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { startTestCluster } from '../../tests/support/cluster.ts';
import { applyHunk, parseMutant, type Mutant } from './mutant.ts';
import { runNamed } from './runNamed.ts';
import type { TestFile } from './testFiles.ts';
import { WorkCopy } from './workCopy.ts';

/** SPEC.md 4 to 10: the rules whose tests must be able to fail. */
const needsMutant = (id: string) => /^(GRA|VER|ENR|EXE|UNE|REE|DEA)-/.test(id);

const lanes = 2;
const timeoutMs = 300_000;
const folder = 'tests/mutants';
type Verdict = { id: string; result: string; killed: boolean; says: string };

const writtenIds = (): string[] =>
	existsSync(folder)
		? readdirSync(folder).flatMap((name) => name.match(/^([A-Z]{3}-\d+)\.patch$/)?.[1] ?? [])
		: [];
const readMutant = (id: string): Mutant => parseMutant(id, readFileSync(`${folder}/${id}.patch`, 'utf8'));

/** Why mutants do not fit the tree as it is, a sentence each. */
export function findUnfit(): string[] {
	return writtenIds().flatMap((id) => {
		const sources = new Map<string, string>();
		try {
			for (const hunk of readMutant(id).hunks)
				sources.set(hunk.file, applyHunk(sources.get(hunk.file) ?? readFileSync(hunk.file, 'utf8'), hunk));
			return [];
		} catch (error) {
			return [`tests/mutants/${id}.patch does not apply: ${(error as Error).message}`];
		}
	});
}

/**
 * Applies each mutant to a copy of the tree, runs the tests that name its rule, and wants one of them to fail
 * that passes on the clean tree. Without ids: all, and a rule of SPEC.md 4 to 10 that has none is a failure too.
 * @returns whether every one was killed
 */
export async function runMutants(
	ids: readonly string[],
	rules: ReadonlyMap<string, string>,
	tests: readonly TestFile[]
): Promise<boolean> {
	const written = writtenIds();
	const missing = (ids.length ? ids : [...rules.keys()].filter(needsMutant)).filter(
		(id) => !written.includes(id)
	);
	const strangers = written.filter((id) => !rules.has(id));
	const mutants = written.filter((id) => rules.has(id) && (!ids.length || ids.includes(id))).map(readMutant);
	const verdicts = mutants.length ? await judgeAll(mutants, tests) : [];
	for (const { id, result, says } of verdicts) console.log(`${id.padEnd(8)} ${result.padEnd(60)} ${says}`);
	for (const id of missing) console.log(`${id.padEnd(8)} has no mutant`);
	for (const id of strangers) console.log(`${id.padEnd(8)} is no rule, but has a mutant`);
	const killed = verdicts.filter((verdict) => verdict.killed).length;
	console.log(`${verdicts.length} mutants: ${killed} killed; ${missing.length} rules without one.`);
	console.log(JSON.stringify({ mutants: verdicts.length, killed, missing: missing.length }));
	return killed === verdicts.length && !missing.length && !strangers.length;
}

async function judgeAll(mutants: readonly Mutant[], tests: readonly TestFile[]): Promise<Verdict[]> {
	const copies = Array.from({ length: Math.min(lanes, mutants.length) }, () => new WorkCopy());
	// One PostgreSQL with its migrated template for all runs.
	const cluster = await startTestCluster();
	const env = { CADENZA_TEST_CLUSTER: JSON.stringify({ adminUrl: cluster.adminUrl, port: cluster.port }) };
	try {
		const queue = [...mutants];
		const verdicts: Verdict[] = [];
		await Promise.all(
			copies.map(async (copy) => {
				for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
					const verdict = await judge(mutant, copy, filesOf(mutant.id, tests), env);
					console.error(`${verdict.id}: ${verdict.result}`);
					verdicts.push(verdict);
				}
			})
		);
		return verdicts.sort((a, b) => (a.id < b.id ? -1 : 1));
	} finally {
		await cluster.stop();
		for (const copy of copies) copy.remove();
	}
}

/** Quick ones first; browser tests are no part of this. */
const filesOf = (id: string, tests: readonly TestFile[]): string[] => {
	const named = tests
		.filter(({ file, rules }) => rules.has(id) && !/\.(e2e|svelte\.test)\.ts$/.test(file))
		.map(({ file }) => file);
	return named.sort((a, b) => Number(needsPostgres(a)) - Number(needsPostgres(b)));
};
const needsPostgres = (file: string) => /^tests\/(integration|scenarios)\//.test(file);

async function judge(
	mutant: Mutant,
	copy: WorkCopy,
	files: readonly string[],
	env: Record<string, string>
): Promise<Verdict> {
	const { id } = mutant;
	const verdict = (result: string, killed = false) => ({
		id,
		says: mutant.says.split('\n')[0]!,
		result,
		killed
	});
	if (!files.length) return verdict('SURVIVED: no unit or integration test names it');
	// A migrated template of its own where the mutant changes what migrations make.
	const own = mutant.hunks.some(({ file }) => /^(drizzle|worker\/migrate)/.test(file));
	const options = { bail: true, timeoutMs, env: own ? { CADENZA_TEST_CLUSTER: '' } : env };
	const seen: string[] = [];
	let passed = 0;
	for (const part of [files.filter((file) => !needsPostgres(file)), files.filter(needsPostgres)]) {
		if (!part.length) continue;
		let undo: () => void;
		try {
			undo = copy.apply(mutant);
		} catch (error) {
			return verdict(`DOES NOT APPLY: ${(error as Error).message}`);
		}
		const outcome = await runNamed(copy.folder, [id], part, options).finally(undo);
		const failed = [...outcome.tests].find(([, test]) => !test.passed)?.[1];
		if (failed) {
			// It counts only if the same test, run the same way, passes on the tree as it is.
			const clean = await runNamed(copy.folder, [id], [failed.file], { ...options, env });
			if ([...clean.tests.values()].every((test) => test.passed) && clean.tests.size)
				return verdict(`killed by ${failed.file}`, true);
			return verdict(`NOT JUDGED: ${failed.file} fails on the clean tree too`);
		}
		if (outcome.timedOut) seen.push('it timed out');
		seen.push(...outcome.broken);
		passed += outcome.tests.size;
	}
	return verdict(`SURVIVED ${passed} tests${seen.length ? ` (${seen.join('; ')})` : ''}`);
}
