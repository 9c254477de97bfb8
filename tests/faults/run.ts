import { existsSync, readdirSync } from 'node:fs';

/** A fault campaign prints what happened and returns its figures; `passed` decides the exit code. */
export interface FaultContext {
	args: string[];
	seed: number;
	/** For people: standard output. */
	say: (line: string) => void;
	/** Progress and logs: standard error. */
	log: (line: string) => void;
}
export interface FaultResult {
	passed: boolean;
	figures: Record<string, unknown>;
}
export type FaultCampaign = (context: FaultContext) => Promise<FaultResult>;

const folder = new URL('.', import.meta.url);
const known = readdirSync(folder)
	.filter((entry) => /^[EYSV]\d+\.ts$/.test(entry))
	.map((entry) => entry.replace('.ts', ''))
	.toSorted(new Intl.Collator('en', { numeric: true }).compare);
const given = process.argv.slice(2);
const ids = given.filter((argument) => !argument.startsWith('--'));
const args = given.filter((argument) => argument.startsWith('--'));
const wanted = ids.length ? ids.map((id) => id.toUpperCase()) : known;
const strange = wanted.filter((id) => !known.includes(id) || !existsSync(new URL(`${id}.ts`, folder)));
if (strange.length || !wanted.length) {
	console.error(`Usage: npm run test:faults -- [ID...] [--seed=N]\nIds: ${known.join(' ') || 'none yet'}`);
	process.exit(2);
}

const seedText = args.find((argument) => argument.startsWith('--seed='))?.slice('--seed='.length);
const seed = Number(seedText) || Math.floor(Math.random() * 2 ** 31);
const results: Record<string, unknown> = {};
let failed = 0;
for (const id of wanted) {
	const { default: campaign } = (await import(new URL(`${id}.ts`, folder).href)) as {
		default: FaultCampaign;
	};
	console.log(`${id} (seed ${seed})`);
	const startedAt = Date.now();
	const { passed, figures } = await campaign({
		args,
		seed,
		say: (line) => console.log(line),
		log: (line) => console.error(line)
	});
	if (!passed) failed++;
	console.log(
		`${id} ${passed ? 'passed' : 'FAILED'} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`
	);
	results[id] = { passed, ...figures };
}
console.log(`${wanted.length - failed} passed, ${failed} failed`);
process.stdout.write(`${JSON.stringify({ seed, ...results })}\n`, () => process.exit(failed ? 1 : 0));
