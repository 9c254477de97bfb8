import { expect, test } from 'vitest';
import { oneAtATime } from '../../worker/oneAtATime.ts';

const gate = () => {
	let open: () => void = () => undefined;
	const passed = new Promise<void>((done) => (open = done));
	return { open, passed };
};

test('OPS-2: wake-ups that meet a run under way make one more look, not one more run each', async () => {
	const first = gate();
	let runs = 0;
	let atOnce = 0;
	const work = async () => {
		atOnce++;
		expect(atOnce).toBe(1);
		if (++runs === 1) await first.passed;
		atOnce--;
	};
	const run = oneAtATime('mail', work);
	await Promise.all([oneAtATime('mail', work), oneAtATime('mail', work), oneAtATime('mail', work)]);
	expect(runs).toBe(1);
	first.open();
	await run;
	expect(runs).toBe(2);
});

test('OPS-2: a run that throws leaves the next one free to start', async () => {
	await expect(oneAtATime('chat', () => Promise.reject(new Error('relay away')))).rejects.toThrow(
		'relay away'
	);
	let runs = 0;
	await oneAtATime('chat', () => Promise.resolve(runs++));
	expect(runs).toBe(1);
});
