import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { takeLock } from './lock.ts';

const gone = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' });

describe('OPS-1: of twenty starts at once on one folder one gets it', () => {
	test.for<[string, Record<string, string>]>([
		['an empty folder', {}],
		['the lock of a process that is gone', { lock: gone }],
		['a lock that a power cut left empty', { lock: '' }],
		['one that was killed while it took over', { lock: gone, 'lock.next': gone }]
	])('%s', async ([, files]) => {
		const data = mkdtempSync(join(tmpdir(), 'cadenza-lock-'));
		onTestFinished(() => rmSync(data, { recursive: true }));
		for (let round = 0; round < 10; round++) {
			for (const [name, text] of Object.entries(files)) writeFileSync(join(data, name), text);
			const starts = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(data)));
			const taken = starts.filter((start) => start.status === 'fulfilled');
			expect(taken).toHaveLength(1);
			const refused = starts.filter((start) => start.status === 'rejected');
			for (const { reason } of refused)
				expect(String(reason)).toContain(`already runs on ${data} (process ${process.pid})`);
			expect(readdirSync(data)).toEqual(['lock']);
			taken[0]?.value();
			expect(readdirSync(data)).toEqual([]);
		}
	});
});
