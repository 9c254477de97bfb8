/** All editors of all relays, in a process of their own. Told what to do by messages; answers each one. */
import { Crowd, type CrowdOptions } from './crowd.ts';
import type { RelayName } from './relays/names.ts';

export type Order =
	| ({ kind: 'arrive' } & CrowdOptions)
	| { kind: 'pushFully'; relay: RelayName; ms: number }
	| { kind: 'pushSteadily'; relay: RelayName; perSecond: number; ms: number }
	| { kind: 'leave'; relay: RelayName };
/** `tick`: the counting begins or ends; goes on at the next message of any kind. */
export type Report = { kind: 'done'; value: unknown } | { kind: 'tick' } | { kind: 'failed'; text: string };

const crowds = new Map<RelayName, Crowd>();
let goOn: (() => void) | null = null;

const tick = () =>
	new Promise<void>((done) => {
		goOn = done;
		process.send!({ kind: 'tick' } satisfies Report);
	});

async function follow(order: Order): Promise<unknown> {
	if (order.kind === 'arrive') {
		const crowd = new Crowd(order);
		crowds.set(order.relay, crowd);
		return crowd.arrive();
	}
	const crowd = crowds.get(order.relay)!;
	switch (order.kind) {
		case 'pushFully':
			return crowd.pushFully(order.ms, tick);
		case 'pushSteadily':
			return crowd.pushSteadily(order.perSecond, order.ms);
		case 'leave':
			crowd.leave();
			crowds.delete(order.relay);
			return crowd.acknowledged();
	}
}

process.on('message', (order: Order | null) => {
	if (!order) return goOn?.();
	follow(order).then(
		(value) => process.send!({ kind: 'done', value } satisfies Report),
		(error: unknown) => process.send!({ kind: 'failed', text: String(error) } satisfies Report)
	);
});
process.on('disconnect', () => process.exit(0));
