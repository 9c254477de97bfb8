import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namedRules } from './rules.ts';

export type TestFile = { file: string; rules: Set<string> };

/** Every test file with the rules its tests name. */
export const readTestFiles = (): TestFile[] =>
	['src', 'worker', 'scripts', 'tests']
		.flatMap((folder) =>
			readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file))
		)
		.filter((file) => /\.(test|e2e)\.ts$/.test(file))
		.map((file) => ({ file, rules: new Set(namedRules(readFileSync(file, 'utf8'))) }));
