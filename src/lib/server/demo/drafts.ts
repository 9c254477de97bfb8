import { draftSchema, type Draft, type DraftNode, type DraftSettings } from '#lib/domain/cadence/draft.ts';
import { branchKey, entryKey, type ResponseKind } from '#lib/domain/cadence/responses.ts';
import { immediately, type Delay } from '#lib/domain/time/delay.ts';

export type DraftParts = {
	settings?: Partial<DraftSettings>;
	/** Without `position`: the row and column say where it stands. */
	nodes: (Record<string, unknown> & {
		id: string;
		kind: DraftNode['kind'];
		at: [column: number, row: number];
	})[];
	/** [source, response, target, delay?, parameter?]; the start node's is ['start', 'entry', target, delay?]. */
	edges: [
		source: string,
		response: ResponseKind | 'entry',
		target: string,
		delay?: Delay,
		parameter?: string
	][];
};

const columnWidth = 320;
const rowHeight = 200;

/** Writes a draft down in a few lines: positions on a grid, keys of edges made from what they say. */
export function makeDraft({ settings = {}, nodes, edges }: DraftParts): Draft {
	return draftSchema.parse({
		settings,
		nodes: Object.fromEntries(
			[{ id: 'start', kind: 'start', at: [0, 0] }, ...nodes].map(({ at, ...node }) => [
				node.id,
				{ ...node, position: [at[0]! * columnWidth, at[1]! * rowHeight] }
			])
		),
		edges: Object.fromEntries(
			edges.map(([source, response, target, delay = immediately, parameter]) => [
				response === 'entry' ? entryKey : branchKey(source, { response, parameter }),
				{ source, response, target, delay, ...(parameter === undefined ? {} : { parameter }) }
			])
		)
	});
}

export const days = (amount: number): Delay => ({ amount, unit: 'days' });
export const businessDays = (amount: number): Delay => ({ amount, unit: 'businessDays' });
export const hours = (amount: number): Delay => ({ amount, unit: 'hours' });
