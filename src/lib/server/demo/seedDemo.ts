import { sql } from 'drizzle-orm';
import { createDb, withOrg } from '../db/client.ts';
import type { DatabaseUrls } from '../db/bootstrap.ts';
import { playHistory } from './playHistory.ts';
import { withQuietRelay } from './quietRelay.ts';
import type { DemoWhatsapp } from './whatsapp.ts';
import { saveWhatsappAccount } from '../channels/whatsapp/saveWhatsappAccount.ts';
import { syncTemplates } from '../channels/whatsapp/syncTemplates.ts';
import { seededRandom } from './random.ts';
import { seedCadences } from './seedCadences.ts';
import { seedOrganization } from './seedOrganization.ts';
import { seedRecords } from './seedRecords.ts';

/** So far back the demo begins; the engine itself lives through the days since. */
const historyDays = 21;
const dayMs = 86_400_000;

/**
 * OPS-1: fills an empty database with an organization that has been at work for three weeks. The clock is put back and
 * the engine's own passes play those weeks, so every number of a report is one that the product would have written.
 */
export async function seedDemo(urls: DatabaseUrls, whatsapp: DemoWhatsapp | null): Promise<void> {
	const pools = {
		owner: createDb(urls.owner, { name: 'cadenza-demo', max: 1 }),
		web: createDb(urls.web, { name: 'cadenza-demo', max: 2 }),
		worker: createDb(urls.worker, { name: 'cadenza-demo', max: 4 })
	};
	const setClock = async (shiftMs: number) => {
		await pools.owner.execute(sql`update app.clock set shift = make_interval(secs => ${shiftMs / 1000})`);
	};
	try {
		const random = seededRandom(7);
		await setClock(-historyDays * dayMs);
		const time = { random, now: Date.now() - historyDays * dayMs };
		const people = await seedOrganization(pools.owner);
		const reps = ['Rep', 'Manager', 'Administrator'].flatMap(people.byProfile);
		const [admin] = people.byProfile('Administrator');
		await withOrg(pools.web, people.orgId, async (tx) => {
			await seedRecords(tx, time, reps);
			if (whatsapp) await saveWhatsappAccount(tx, admin!, whatsapp);
		});
		if (whatsapp) await syncTemplates(pools.worker, people.orgId);
		const cadences = await withOrg(pools.web, people.orgId, (tx) => seedCadences(tx, admin!));
		await withQuietRelay(() =>
			playHistory(
				{
					...pools,
					people,
					random,
					cadences,
					setNow: (at) => setClock(at - Date.now())
				},
				time.now,
				Date.now()
			)
		);
	} finally {
		await setClock(0);
		await Promise.all(Object.values(pools).map((db) => db.$client.end()));
	}
}
