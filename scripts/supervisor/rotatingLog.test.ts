import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
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

test('OPS-1: a full disk costs lines of the log and is said once; the product goes on, and so does the log', () => {
	const folder = mkdtempSync(join(tmpdir(), 'cadenza-log-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const said: string[] = [];
	symlinkSync('/dev/full', join(folder, 'app.log'));
	const log = rotatingLog(folder, 'app', 20, (line) => said.push(line));
	log('lost\n');
	log('lost too\n');
	expect(said).toEqual([expect.stringMatching(/^Lines of .*app\.log are lost: /)]);
	rmSync(join(folder, 'app.log'));
	log('there is room again, and more\n');
	expect(readFileSync(join(folder, 'app.log'), 'utf8')).toBe('there is room again, and more\n');

	// A full file that cannot be put aside: one line is lost, not all that come.
	mkdirSync(join(folder, 'app.old.log'));
	log('lost\n');
	log('kept\n');
	expect(readFileSync(join(folder, 'app.log'), 'utf8')).toBe('there is room again, and more\nkept\n');
	expect(said).toHaveLength(1);
});
