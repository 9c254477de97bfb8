import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { completeTask } from '../activities/completeTask.ts';
import { listWork } from '../activities/listWork.ts';
import { logCall } from '../activities/logCall.ts';
import { recordOverdue } from '../activities/sweepActivities.ts';
import { sendMessages } from '../channels/deliver.ts';
import { withOrg, type Db } from '../db/client.ts';
import { advance } from '../engine/advance.ts';
import { applyResponses } from '../engine/applyResponses.ts';
import { newLane } from '../engine/claimDue.ts';
import { drainRecordChanges } from '../engine/drainRecordChanges.ts';
import { scanCadence } from '../engine/scanCadence.ts';
import { enrollRecords } from '../enrollments/enrollRecords.ts';
import { getModule } from '../modules/getModule.ts';
import { insertRecords } from '../records/insertRecords.ts';
import type { DemoPeople } from './seedOrganization.ts';
import { makeLead } from './seedRecords.ts';
import { reactToMail } from './reactToMail.ts';
import type { Random } from './random.ts';

export type World = {
	web: Db;
	worker: Db;
	people: DemoPeople;
	random: Random;
	cadences: Map<string, string>;
	/** Moves app.now() to that instant. */
	setNow: (at: number) => Promise<void>;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const callResults = [
	'Interested',
	'No response',
	'No response',
	'Busy',
	'Requested more info',
	'Not interested',
	'Requested call back'
];

/** Three weeks of work between two instants: enrolling, passes, mails going out, people answering, reps calling. */
export async function playHistory(world: World, from: number, until: number): Promise<void> {
	const { web, worker, people, random, cadences, setNow } = world;
	const { orgId } = people;
	const welcome = cadences.get('Welcome new web leads')!;
	await scanCadence(worker, { orgId, cadenceId: welcome });
	await settle(worker);
	const reps = ['Rep', 'Manager', 'Administrator'].flatMap(people.byProfile);
	let newest = 5000;
	for (let now = from; now < until; now += 12 * hourMs) {
		await setNow(now);
		const day = Math.floor((now - from) / dayMs);
		const morning = (now - from) % dayMs === 0;
		if (morning && (day === 1 || day === 16)) await enrollWebinar(world, reps[day % 2]!, day === 1 ? 0 : 1);
		if (morning)
			await withOrg(web, orgId, async (tx) => {
				const leads = Array.from({ length: random.int(4, 9) }, () => ({
					...makeLead({ random, now }, ++newest, reps, 'Web Form'),
					createdAt: new Date(now)
				}));
				await insertRecords(tx, await getModule(tx, 'leads'), leads);
			});
		await settle(worker);
		await reactToMail(web, worker, random);
		// The last day's calls and tasks are left for whoever signs in.
		if (now < until - dayMs) for (const rep of reps) await workThroughCalls(world, rep);
		await recordOverdue(worker);
		await settle(worker);
	}
}

/** Until nothing is left to do at this instant. */
async function settle(worker: Db): Promise<void> {
	const lane = newLane();
	for (;;) {
		const changed = await drainRecordChanges(worker);
		const applied = await applyResponses(worker);
		const { claimed } = await advance(worker, lane);
		const mails = await sendMessages(worker, 'email');
		const chats = await sendMessages(worker, 'whatsapp');
		if (!changed && !applied && !claimed && !mails.handled && !chats.handled) return;
	}
}

/** The guests of a webinar are enrolled from the list: half of them after each of the two. */
async function enrollWebinar({ web, people, cadences }: World, rep: Actor, half: number): Promise<void> {
	await withOrg(web, people.orgId, async (tx) => {
		const guests = await tx.execute<{ id: string }>(sql`
			select id from records where tags @> array['webinar'] and deleted_at is null and abs(hashtext(id::text)) % 2 = ${half}`);
		if (guests.length)
			await enrollRecords(tx, rep, {
				cadenceId: cadences.get('Webinar follow-up')!,
				records: { ids: guests.map((guest) => guest.id) }
			});
	});
}

/** A rep does most of what is due, and leaves something for tomorrow. */
async function workThroughCalls({ web, people, random }: World, rep: Actor): Promise<void> {
	const items = await withOrg(web, people.orgId, (tx) => listWork(tx, rep, { scope: 'due', limit: 200 }));
	for (const item of items.filter(() => random.chance(0.55)))
		await withOrg(web, people.orgId, (tx) =>
			item.kind === 'call'
				? logCall(tx, rep, {
						activityId: item.id,
						result: random.chance(0.03) ? 'Invalid number' : random.pick(callResults),
						durationSeconds: random.int(20, 900),
						note: ''
					})
				: completeTask(tx, rep, { activityId: item.id })
		);
}
