import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedRules, parseRules } from './spec/rules.ts';

const rules = parseRules(readFileSync('src/lib/domain/SPEC.md', 'utf8'));
const files = ['src', 'worker', 'tests']
	.flatMap((folder) =>
		readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
	)
	.filter((file) => /\.(test|e2e)\.ts$/.test(file));

const proven = new Map<string, number>();
const unknown: string[] = [];
for (const file of files) {
	for (const id of namedRules(readFileSync(file, 'utf8'))) {
		if (rules.has(id)) proven.set(id, (proven.get(id) ?? 0) + 1);
		else unknown.push(`${file} names ${id}, which src/lib/domain/SPEC.md does not have.`);
	}
}

const open = [...rules].filter(([id]) => !proven.has(id));
for (const [id, text] of open) console.log(`${id.padEnd(8)} ${text.slice(0, 100)}`);
console.log(`${rules.size} rules: ${proven.size} with a test, ${open.length} without.`);
if (unknown.length) {
	console.error(unknown.join('\n'));
	process.exit(1);
}
