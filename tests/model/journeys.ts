import fc from 'fast-check';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { delays, leavingStatus, names, plans, viewSource } from './plans.ts';
import type { Decision, Edit } from './publish.ts';

export type RelayAnswer = 'sent' | 'hard' | 'soft' | 'failed' | 'doubtful';
export type Facts = {
	zone: string | null;
	email: string;
	phone: string;
	optOut: { email: boolean; call: boolean; whatsapp: boolean };
	status: string;
	source: string;
	rating: string | null;
	employees: number | null;
	tags: string[];
	/** A user's name. */
	owner: string;
};
export type Command =
	| { do: 'nothing' }
	| { do: 'enroll'; startAt: number | null }
	| { do: 'respond'; action: number; response: number; machine: boolean }
	| { do: 'delete'; action: number }
	| { do: 'pause' }
	| { do: 'pauseUntil'; ms: number }
	| { do: 'remove' | 'restore' | 'convert' | 'merge' }
	| { do: 'resume' }
	| { do: 'unenroll' }
	| { do: 'restart'; startAt: number | null }
	| { do: 'skip'; action: number }
	| { do: 'status'; value: string }
	| { do: 'source'; value: string }
	| { do: 'details'; value: Pick<Facts, 'rating' | 'employees' | 'tags'> }
	| { do: 'optOut'; channel: 'email' | 'call' | 'whatsapp'; value: boolean }
	| { do: 'address'; field: 'email' | 'phone'; value: string }
	| { do: 'deactivate' }
	| { do: 'publish'; edit: Edit; decide: Decision; moveWaiting: boolean }
	| { do: 'activate'; halted: 'stop' | 'continue' };

export type Journey = {
	plan: Plan;
	enrollment: 'manual' | 'view';
	facts: Facts;
	relay: RelayAnswer[];
	commands: Command[];
};

/** What happens to all journeys of a batch at once: the clock, then which parts of the engine get a turn. */
export type Turn = {
	clock: { ms: number } | { toDue: number };
	changes: boolean;
	/** The minute's sweep. */
	sweep: boolean;
	post: boolean;
	responses: boolean;
	pass: boolean;
};
export type Batch = { turns: Turn[]; journeys: Journey[] };

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const mostly = <T>(usual: T, ...rare: T[]) =>
	fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const details = {
	rating: fc.constantFrom(null, 'Hot', 'Cold'),
	employees: fc.constantFrom(null, 10, 50, 51),
	tags: fc.subarray(['vip', 'late', 'other'])
};
const facts: fc.Arbitrary<Facts> = fc.record({
	...details,
	owner: fc.constant(names.owner),
	zone: fc.constantFrom(null, 'America/New_York', 'Asia/Kathmandu', 'Europe/Berlin'),
	email: mostly('ok', '', 'nobody@nowhere'),
	phone: mostly('+4915112345678', '', '12', '030 1234'),
	optOut: fc.record({ email: mostly(false, true), call: mostly(false, true), whatsapp: mostly(false, true) }),
	status: mostly('New', 'Qualified', leavingStatus),
	source: mostly(viewSource, 'Referral')
});

/** ENR-8: now and then somebody begins in the middle. */
const startAt = fc.oneof(
	{ weight: 6, arbitrary: fc.constant<number | null>(null) },
	{ weight: 1, arbitrary: fc.nat(5) }
);

const command: fc.Arbitrary<Command> = fc.oneof(
	{ weight: 4, arbitrary: fc.constant<Command>({ do: 'nothing' }) },
	{ weight: 3, arbitrary: startAt.map((at): Command => ({ do: 'enroll', startAt: at })) },
	{
		weight: 16,
		arbitrary: fc
			.record({
				action: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(4)),
				response: fc.nat(12),
				machine: mostly(false, true)
			})
			.map((one): Command => ({ do: 'respond', ...one }))
	},
	{ weight: 1, arbitrary: fc.nat(3).map((action): Command => ({ do: 'delete', action })) },
	{ weight: 2, arbitrary: fc.constant<Command>({ do: 'pause' }) },
	{
		weight: 2,
		arbitrary: fc.integer({ min: 1, max: 200 }).map((n): Command => ({ do: 'pauseUntil', ms: n * HOUR }))
	},
	{ weight: 3, arbitrary: fc.constant<Command>({ do: 'resume' }) },
	{
		weight: 1,
		arbitrary: fc.constantFrom<Command>(
			{ do: 'remove' },
			{ do: 'restore' },
			{ do: 'restore' },
			{ do: 'restore' },
			{ do: 'convert' },
			{ do: 'merge' }
		)
	},
	{ weight: 1, arbitrary: fc.constant<Command>({ do: 'unenroll' }) },
	{ weight: 2, arbitrary: startAt.map((at): Command => ({ do: 'restart', startAt: at })) },
	{ weight: 1, arbitrary: fc.nat(3).map((action): Command => ({ do: 'skip', action })) },
	{
		weight: 1,
		arbitrary: mostly('New', 'Qualified', leavingStatus).map((value): Command => ({ do: 'status', value }))
	},
	{ weight: 3, arbitrary: fc.record(details).map((value): Command => ({ do: 'details', value })) },
	{
		weight: 1,
		arbitrary: fc.constantFrom(viewSource, 'Referral').map((value): Command => ({ do: 'source', value }))
	},
	{
		weight: 1,
		arbitrary: fc
			.tuple(fc.constantFrom('email' as const, 'call' as const, 'whatsapp' as const), fc.boolean())
			.map(([channel, value]): Command => ({ do: 'optOut', channel, value }))
	},
	{
		weight: 1,
		arbitrary: fc.constantFrom<Command>(
			{ do: 'address', field: 'email', value: 'ok' },
			{ do: 'address', field: 'email', value: '' },
			{ do: 'address', field: 'phone', value: '+4915112345678' },
			{ do: 'address', field: 'phone', value: '12' }
		)
	},
	{
		weight: 3,
		arbitrary: fc
			.record({
				edit: fc.record<Edit>({
					what: fc.constantFrom(
						'delay',
						'delay',
						'target',
						'config',
						'config',
						'condition',
						'remove',
						'entry',
						'lateReply',
						'endAfter'
					),
					n: fc.nat(30),
					delay: delays
				}),
				decide: fc.constantFrom<Decision>('stop', 'move', 'move', 'keep'),
				moveWaiting: fc.boolean()
			})
			.map((one): Command => ({ do: 'publish', ...one }))
	},
	{ weight: 1, arbitrary: fc.constant<Command>({ do: 'deactivate' }) },
	{
		weight: 2,
		arbitrary: fc.constantFrom<Command>(
			{ do: 'activate', halted: 'stop' },
			{ do: 'activate', halted: 'continue' }
		)
	}
);

const relayAnswer = fc.oneof(
	{ weight: 8, arbitrary: fc.constant<RelayAnswer>('sent') },
	{ weight: 1, arbitrary: fc.constantFrom<RelayAnswer>('hard', 'soft', 'failed', 'doubtful') }
);

const length = 50;

const journey: fc.Arbitrary<Journey> = fc.record({
	plan: plans,
	enrollment: fc.constantFrom('manual' as const, 'manual' as const, 'view' as const),
	facts,
	relay: fc.array(relayAnswer, { minLength: 1, maxLength: 4 }),
	commands: fc
		.array(command, { minLength: 5, maxLength: length, size: 'max' })
		.map((rest): Command[] => [{ do: 'enroll', startAt: null }, ...rest])
});

const often = fc.oneof(
	{ weight: 4, arbitrary: fc.constant(true) },
	{ weight: 1, arbitrary: fc.constant(false) }
);
const turn: fc.Arbitrary<Turn> = fc.record({
	clock: fc.oneof(
		{ weight: 2, arbitrary: fc.constant({ ms: 0 }) },
		{ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 * HOUR }).map((ms) => ({ ms })) },
		{ weight: 2, arbitrary: fc.integer({ min: 4 * HOUR, max: 3 * DAY }).map((ms) => ({ ms })) },
		{ weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }).map((days) => ({ ms: days * DAY })) },
		{ weight: 4, arbitrary: fc.nat(99).map((toDue) => ({ toDue })) }
	),
	changes: often,
	sweep: often,
	post: often,
	responses: often,
	pass: often
});

/** `size` journeys side by side. */
export const batches = (size: number): fc.Arbitrary<Batch> =>
	fc.record({
		turns: fc.array(turn, { minLength: length + 1, maxLength: length + 1 }),
		journeys: fc.array(journey, { minLength: size, maxLength: size })
	});
