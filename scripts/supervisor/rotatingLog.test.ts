import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { rotatingLog } from './rotatingLog.ts';

test('Logs outlive a restart, and grow to two full files at most', () => {
	const folder = mkdtempSync(join(tmpdir(), 'cadenza-log-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const read = (name: string) => readFileSync(join(folder, name), 'utf8');
	rotatingLog(folder, 'worker', 20)('before the restart\n');
	const log = rotatingLog(folder, 'worker', 20);
	log('after\n');
	expect(read('worker.log')).toBe('before the restart\nafter\n');
	log('full\n');
	expect(read('worker.old.log')).toBe('before the restart\nafter\n');
	expect(read('worker.log')).toBe('full\n');
});
