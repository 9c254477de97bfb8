import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockEntry {
	optionalDependencies?: Record<string, string>;
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> };

test('every optional dependency has an entry in the lock file', () => {
	// npm i drops a platform package that is not published yet without a word; npm ci then refuses on every machine.
	const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
		Object.keys(entry.optionalDependencies ?? {})
			.filter(
				(name) =>
					!(`node_modules/${name}` in lock.packages) && !(`${path}/node_modules/${name}` in lock.packages)
			)
			.map((name) => `${path || 'the project'} wants ${name}`)
	);
	expect(missing).toEqual([]);
	expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
});

test('the lock file names no address of a registry mirror', () => {
	expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(
		/"resolved": "https?:\/\/(?!registry\.npmjs\.org)/
	);
});
