import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { killChild, nextMessage } from '../../support/nextMessage.ts';
import type { Baselines, Measure, Measured } from './process.ts';

const file = fileURLToPath(new URL('./process.ts', import.meta.url));

/** What ours is measured by, each as a rate per second. */
export type OtherSide = Baselines & { stop: () => Promise<void> };

/** One process for a whole run, warm after its first round as ours is; what it needs is not counted as the worker's memory. */
export function startOtherSide(): OtherSide {
	const child = fork(file);
	const measure = async (order: Measure): Promise<number> => {
		child.send(order);
		const answer = await nextMessage<Measured>(child);
		if ('failed' in answer) throw new Error(answer.failed);
		return answer.rate;
	};
	return {
		bareMailer: (...args) => measure({ name: 'bareMailer', args }),
		oneJobPerStep: (...args) => measure({ name: 'oneJobPerStep', args }),
		rawGraphile: (...args) => measure({ name: 'rawGraphile', args }),
		stop: () => killChild(child)
	};
}
