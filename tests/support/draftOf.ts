import { draftSchema, type Draft } from '../../src/lib/domain/cadence/draft.ts';
import { branchKey, entryKey, type ResponseKind } from '../../src/lib/domain/cadence/responses.ts';
import { immediately, type Delay } from '../../src/lib/domain/time/delay.ts';

export type Edge = [
	source: string,
	response: ResponseKind | 'entry',
	target: string,
	delay?: Delay,
	parameter?: string
];

/** A draft in a few lines: nodes by id, edges as [source, response, target, delay?, parameter?]. */
export const draftOf = (
	nodes: Record<string, Record<string, unknown>>,
	edges: readonly Edge[],
	settings: Record<string, unknown> = {}
): Draft =>
	draftSchema.parse({
		settings,
		nodes: Object.fromEntries(
			Object.entries({ start: { kind: 'start' }, ...nodes }).map(([id, node]) => [
				id,
				{ id, position: [0, 0], ...node }
			])
		),
		edges: Object.fromEntries(
			edges.map(([source, response, target, delay = immediately, parameter]) => [
				response === 'entry' ? entryKey : branchKey(source, { response, parameter }),
				{ source, response, target, delay, ...(parameter === undefined ? {} : { parameter }) }
			])
		)
	});

export const task = (title = 'Look') => ({ kind: 'task', title, subject: 'Look at {{lead.lastName}}' });
export const days = (amount: number): Delay => ({ amount, unit: 'days' });
