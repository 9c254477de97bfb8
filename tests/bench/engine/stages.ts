import type { BenchContext } from '../run.ts';
import { median } from '../support/median.ts';
import type { Memory } from './memory.ts';

/** What each round measures side by side. */
const ofRound = ['tasks', 'held', 'naive', 'poison', 'responses', 'mails', 'enroll'] as const;
/** What needs a million that wait. */
const ofLarge = ['growth', 'changed', 'starve'] as const;
const all = [...ofRound, 'idle', ...ofLarge] as const;
type Stage = (typeof all)[number];

export type Figures = Record<string, number>;

/** `--only=mails,changed`: these alone; of a ratio both sides are measured all the same. Says what each part came to. */
export function chooseStages({ args, log }: BenchContext, memory: Memory) {
	const only = args
		.find((arg) => arg.startsWith('--only='))
		?.slice(7)
		.split(',');
	const unknown = only?.filter((name) => !(all as readonly string[]).includes(name)) ?? [];
	if (unknown.length) throw new Error(`No such stage: ${unknown.join(', ')}. There are ${all.join(', ')}.`);
	const wants = (...names: Stage[]) => !only || names.some((name) => only.includes(name));
	return {
		wants,
		anyOfRound: wants(...ofRound),
		anyOfLarge: wants(...ofLarge),
		say: async (label: string, work: () => Promise<number>): Promise<number> => {
			const value = await work();
			const figure = value > 50 ? Math.round(value) : value.toPrecision(3);
			log(`  ${`${label}: ${figure}`.padEnd(52)}${memory.stage()}`);
			return value;
		}
	};
}
export type Stages = ReturnType<typeof chooseStages>;

/** Without what was not asked for. */
export const measured = (figures: Record<string, number | undefined>): Figures =>
	Object.fromEntries(
		Object.entries(figures).flatMap(([key, value]) =>
			value === undefined || Number.isNaN(value) ? [] : [[key, value] as const]
		)
	);

/** Of each figure the median over the rounds. */
export function medians(rounds: readonly Figures[]): Figures {
	const of = (key: string) => {
		const value = median(rounds.map((round) => round[key]!));
		return value > 50 ? Math.round(value) : Number(value.toPrecision(3));
	};
	return Object.fromEntries(Object.keys(rounds[0] ?? {}).map((key) => [key, of(key)]));
}
