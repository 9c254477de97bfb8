import * as Y from 'yjs';
import { loadDocument } from '../../../src/lib/server/collab/loadDocument.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { newId } from '../../../src/lib/server/db/id.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { testOrigin } from '../../support/collabServer.ts';
import type { World, WorldUser } from '../../support/collabWorld.ts';
import { median } from '../support/median.ts';
import type { Clients, RelayProcess } from './processes.ts';
import type { RelayName } from './relays/names.ts';

/** Milliseconds until all others have an edit at a steady load; edits per second at full load; relay CPU for it. */
type Figures = { p50: number; p95: number; updatesPerSecond: number; cpuUsPerDelivery: number };
export type Round = Record<RelayName, Figures> & { lost: number };
export type Place = {
	db: TestDatabase;
	world: World;
	people: readonly WorldUser[];
	clients: Clients;
	relays: readonly ({ name: RelayName } & RelayProcess)[];
	log: (line: string) => void;
};

/** How much of what the first relay can do is asked of all. */
const STEADY = 0.65;

/** One draft at each relay: full load one after another, then the same steady load one after another. */
export async function measureRound(place: Place, size: number, ms: number): Promise<Round> {
	const { clients, relays, log } = place;
	const round: Partial<Record<RelayName, Figures>> = {};
	const cadenceId = await place.world.addCadence();
	const people = place.people.slice(0, size);
	for (const { name, port } of relays) {
		const isOurs = name === 'ours';
		const url = `http://127.0.0.1:${port}/${isOurs ? 'collab/' : ''}`;
		const seats = people.map(({ cookie }) => ({
			headers: isOurs ? { cookie, origin: testOrigin } : {},
			query: isOurs ? '?generation=1' : ''
		}));
		const documentId = isOurs ? cadenceId : newId();
		await clients.order({ kind: 'arrive', relay: name, url, documentId, seats });
	}
	for (const { name, cpuUs } of relays) {
		const cpu: number[] = [];
		const tick = async () => void cpu.push(await cpuUs());
		const { done, ms: counted } = await clients.order<{ done: number; ms: number }>(
			{ kind: 'pushFully', relay: name, ms },
			tick
		);
		const updatesPerSecond = (done / counted) * 1000;
		const cpuUsPerDelivery = (cpu[1]! - cpu[0]!) / Math.max(1, done * (size - 1));
		round[name] = { p50: 0, p95: 0, updatesPerSecond, cpuUsPerDelivery };
	}
	const perSecond = round.ywebsocket!.updatesPerSecond * STEADY;
	for (const { name } of relays) {
		const took = await clients.order<number[]>({ kind: 'pushSteadily', relay: name, perSecond, ms });
		took.sort((a, b) => a - b);
		const at = (part: number) => took[Math.floor((took.length - 1) * part)] ?? 0;
		round[name] = { ...round[name]!, p50: at(0.5), p95: at(0.95) };
		log(`  ${name.padEnd(12)}${Object.values(round[name]).map(short).join('  ')}`);
	}
	let lost = 0;
	for (const { name } of relays) {
		const acknowledged = await clients.order<[number, number][]>({ kind: 'leave', relay: name });
		if (name === 'ours') lost = await countLost(place, cadenceId, acknowledged);
	}
	return { ...(round as Record<RelayName, Figures>), lost };
}

/** Edits that were shown to everybody and are not in the draft as stored. */
async function countLost(
	{ db, world }: Place,
	cadenceId: string,
	acknowledged: readonly [client: number, clock: number][]
): Promise<number> {
	const { updates } = await withOrg(db.web, world.orgId, (tx) =>
		loadDocument(tx, { orgId: world.orgId, cadenceId })
	);
	const doc = new Y.Doc();
	doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)));
	const missing = acknowledged.map(([client, clock]) => Math.max(0, clock - Y.getState(doc.store, client)));
	doc.destroy();
	return missing.reduce((sum, n) => sum + n, 0);
}

const short = (value: number) => Number(value.toPrecision(3));

export type Summary = Record<string, unknown> & {
	updatesRatioAt200: number;
	updatesVsHocuspocusAt200: number;
	p95RatioAt200: number;
	cpuRatioAt200: number;
	lost: number;
};

/** Medians of the rounds; ratios are the medians of the rounds' own ratios. */
export function summarize(found: ReadonlyMap<number, readonly Round[]>): Summary {
	const sizes = Object.fromEntries(
		[...found].map(([size, rounds]) => [
			size,
			Object.fromEntries(
				(['ywebsocket', 'hocuspocus', 'ours'] as const).map((name) => [
					name,
					Object.fromEntries(
						(['p50', 'p95', 'updatesPerSecond', 'cpuUsPerDelivery'] as const).map((key) => [
							key,
							short(median(rounds.map((round) => round[name][key])))
						])
					)
				])
			)
		])
	);
	const largest = found.get(Math.max(...found.keys()))!;
	const ratio = (of: keyof Figures, to: RelayName) =>
		short(median(largest.map((round) => round.ours[of] / round[to][of])));
	return {
		...sizes,
		updatesRatioAt200: ratio('updatesPerSecond', 'ywebsocket'),
		updatesVsHocuspocusAt200: ratio('updatesPerSecond', 'hocuspocus'),
		p95RatioAt200: ratio('p95', 'ywebsocket'),
		cpuRatioAt200: ratio('cpuUsPerDelivery', 'ywebsocket'),
		lost: [...found.values()].flat().reduce((sum, round) => sum + round.lost, 0)
	};
}
