import { readFileSync } from 'node:fs';
import { findUnfit, runMutants } from './spec/mutants.ts';
import { parseRules } from './spec/rules.ts';
import { readTestFiles } from './spec/testFiles.ts';

const rules = parseRules(readFileSync('src/lib/domain/SPEC.md', 'utf8'));
const tests = readTestFiles();
const asked = process.argv.slice(2);

if (asked[0] === '--mutants') {
	process.exitCode = (await runMutants(asked.slice(1), rules, tests)) ? 0 : 1;
} else listOpen();

/** Rules without a test. A test that names a rule which does not exist, and a mutant that does not apply, are errors. */
function listOpen(): void {
	const named = new Set(tests.flatMap((test) => [...test.rules]));
	const open = [...rules].filter(([id]) => !named.has(id));
	for (const [id, text] of open) console.log(`${id.padEnd(8)} ${text.slice(0, 100)}`);
	console.log(`${rules.size} rules: ${rules.size - open.length} with a test, ${open.length} without.`);
	for (const test of tests)
		for (const id of test.rules)
			if (!rules.has(id)) {
				console.error(`${test.file} names ${id}, which src/lib/domain/SPEC.md does not have.`);
				process.exitCode = 1;
			}
	for (const sentence of findUnfit()) {
		console.error(sentence);
		process.exitCode = 1;
	}
}
