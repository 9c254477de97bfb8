import { isPauseOver, refuses, resolve } from './commands.ts';
import { differenceOf, differenceOfDouble, noteIds, readLog, readRuns } from './compare.ts';
import { newDouble } from './double.ts';
import { performAll, runEngine, setClock, type Order } from './engineSide.ts';
import type { Batch, Turn } from './journeys.ts';
import { dateHasCome } from './interpreter.ts';
import { dueElsewhere } from './elsewhere.ts';
import { isLive, type Life } from './life.ts';
import { nextOf } from './race.ts';
import { takeTurn } from './takeTurn.ts';
import { lifeOf, seatJourneys, start, type ModelWorld, type Seat } from './world.ts';

/** Where product and model part: which journey, at which turn. */
export class Divergence extends Error {
	journey: number;
	turn: number;

	constructor(message: string, journey: number, turn: number) {
		super(message);
		this.journey = journey;
		this.turn = turn;
	}
}

/**
 * E23: plays journeys side by side, each command on the product and on the model, and compares everything after each
 * turn of the clock.
 * @throws Divergence
 */
export async function playBatch(world: ModelWorld, { turns, journeys }: Batch): Promise<void> {
	const { db } = world;
	const seats = await seatJourneys(world, journeys);
	const lives = journeys.map(lifeOf);
	const doubles = journeys.map(newDouble);
	const told: string[][] = journeys.map(() => []);
	let now = start;
	let last = 0;
	for (const [n, turn] of turns.entries()) {
		if (journeys.every(({ commands }) => n >= commands.length)) return;
		now = clockAfter(turn, now, lives);
		for (const life of lives) life.now = now;
		const deeds = journeys.map(({ commands }, i) => (commands[n] ? resolve(lives[i]!, commands[n]) : null));
		await setClock(db, now - start);
		const orders: Order[] = deeds.flatMap((deed, i) => (deed ? [{ seat: seats[i]!, deed }] : []));
		const refused = await performAll(db, orders, now);
		if (orders.some(({ deed }) => deed.do === 'enroll')) noteIds(seats, await readRuns(db, seats));
		const relayed = new Map(
			seats.map((seat, i) => [seat.cadenceId, [lives[i]!, lives[i]!.relayed] as const])
		);
		const answers = new Map<string, number>();
		const sweep = {
			pauses: lives.some((life) => isPauseOver(life, now)),
			scans: scansOf(seats, lives)
		};
		await runEngine(db, turn, sweep, (cadenceId) => {
			const [life, before] = relayed.get(cadenceId)!;
			const used = answers.get(cadenceId) ?? 0;
			answers.set(cadenceId, used + 1);
			return life.relay[(before + used) % life.relay.length]!;
		});
		const stored = await readRuns(db, seats);
		const log = await readLog(db, last);
		last = log.last;
		noteIds(seats, stored);
		for (const [i, life] of lives.entries()) {
			const deed = deeds[i] ?? null;
			told[i]!.push(`${new Date(now).toISOString()} ${JSON.stringify(deed)} ${engineParts(turn)}`);
			const mayNot = deed !== null && refuses(life, deed);
			const before = life.log.length;
			takeTurn(life, doubles[i]!, deed, turn, now);
			const lines = { product: log.lines.get(seats[i]!.cadenceId) ?? [], model: life.log.slice(before) };
			const row = stored.get(seats[i]!.cadenceId);
			const wrong =
				(mayNot === refused.has(seats[i]!) ? null : `refused: product ${!mayNot}, model ${mayNot}`) ??
				differenceOf(life, row, lines, now, seats[i]!) ??
				differenceOfDouble(doubles[i]!, row, now);
			if (wrong) throw new Divergence(`${wrong}\nafter\n  ${told[i]!.join('\n  ')}`, i, n);
		}
	}
}

/** UNE-1 (b): cadences from which the day takes somebody out. */
function scansOf(seats: readonly Seat[], lives: readonly Life[]): Pick<Seat, 'orgId' | 'cadenceId'>[] {
	const found = new Map<string, Pick<Seat, 'orgId' | 'cadenceId'>>();
	for (const [i, { orgId, cadenceId, ids }] of seats.entries()) {
		const life = lives[i]!;
		if (dateHasCome(life) && isLive(life.run)) found.set(cadenceId, { orgId, cadenceId });
		for (const name of dueElsewhere(life)) found.set(ids.get(name)!, { orgId, cadenceId: ids.get(name)! });
	}
	return [...found.values()];
}

const engineParts = (turn: Turn) =>
	(['changes', 'sweep', 'post', 'responses', 'pass'] as const).filter((part) => turn[part]).join(' ');

/** On by some time, or exactly to when one of the nearest runs is due. */
export function clockAfter({ clock }: Turn, now: number, lives: readonly Life[]): number {
	if ('ms' in clock) return now + clock.ms;
	const dues = lives
		.flatMap(({ run }) => (run ? [nextOf(run)?.due ?? 0] : []))
		.filter((due) => due > now)
		.sort((a, b) => a - b);
	return dues[clock.toDue % Math.min(dues.length, 12)] ?? now + 3_600_000;
}
