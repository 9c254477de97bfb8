import { existsSync, readdirSync } from 'node:fs';

/** A benchmark prints its table with `say` and returns the figures under the agreed keys. */
export interface BenchContext {
	args: string[];
	/** For people: standard output, above the figures. */
	say: (line: string) => void;
	/** Progress and logs: standard error. */
	log: (line: string) => void;
}
export type Bench = (context: BenchContext) => Promise<Record<string, unknown>>;

const [name = '', ...args] = process.argv.slice(2);
const file = new URL(`./${name}.ts`, import.meta.url);
if (!/^[\w-]+$/.test(name) || name === 'run' || !existsSync(file)) {
	const known = readdirSync(new URL('.', import.meta.url))
		.filter((entry) => entry.endsWith('.ts') && entry !== 'run.ts')
		.map((entry) => entry.replace('.ts', ''));
	console.error(`Usage: npm run bench -- NAME\nNames: ${known.join(', ') || 'none yet'}`);
	process.exit(2);
}

const { default: bench } = (await import(file.href)) as { default: Bench };
const figures = await bench({
	args,
	say: (line) => console.log(line),
	log: (line) => console.error(line)
});
// The very last line of standard output: one JSON object for programs.
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
