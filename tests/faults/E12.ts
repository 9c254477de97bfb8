import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { seededRandom } from '../../src/lib/server/demo/random.ts';
import { enrollRecords } from '../../src/lib/server/enrollments/enrollRecords.ts';
import { makeCadence } from '../support/cadences.ts';
import type { TestDatabase } from '../support/clone.ts';
import { makeLeads, makeWorld } from '../support/engineWorld.ts';
import { startWorkers } from './E1/workers.ts';
import { draftOfChain, newChain } from './E12/chain.ts';
import { publishOnce, type Published } from './E12/publishLoop.ts';
import type { FaultCampaign } from './run.ts';
import { askJudge, conclude, invariantsHold, scaled } from './support/conclude.ts';
import { inPlace } from './support/place.ts';

const EVERY_MS = 200;
const SECONDS = 60;
/** How far the database's clock goes forward with each publish, so that steps are always due. */
const SHIFT_SECONDS = 60;
/** On a machine that publishes more slowly than wanted the campaign goes on until there were as many, or so long. */
const AT_LEAST = 150;
const AT_MOST_SECONDS = 180;
const ENROLL_AT_ONCE = 500;

/** A step that is no node of the plan its run is pinned to at that moment. */
async function noteSteps(db: TestDatabase): Promise<void> {
	await db.admin.execute(sql`create table steps_off_plan (enrollment_id uuid, action_id text)`);
	await db.admin.execute(sql`
		create function note_off_plan() returns trigger language plpgsql security definer as $$ begin
			if not exists (select 1 from enrollments e join cadence_versions v on v.org_id = e.org_id and v.id = e.version_id
					where e.org_id = new.org_id and e.id = new.enrollment_id and v.plan -> 'nodes' ? new.action_id) then
				insert into steps_off_plan values (new.enrollment_id, new.action_id);
			end if;
			return null;
		end $$`);
	await db.admin.execute(
		sql`create trigger note after insert on action_runs for each row execute function note_off_plan()`
	);
}

/** E12: a cadence with 2,000 live enrollments is edited and published again and again while its steps run. */
const campaign: FaultCampaign = (context) =>
	inPlace({}, async ({ db, adminUrl, sink }) => {
		const random = seededRandom(context.seed);
		const wanted = scaled(context, 2_000, 50);
		const seconds = scaled(context, SECONDS, 10);
		const world = await makeWorld(db);
		const { actor, orgId, templateId, senderId } = world;
		await db.admin.execute(sql`update organizations set emails_per_day = 10000000 where id = ${orgId}`);
		await db.admin.execute(
			sql`update email_templates set html = '<p>Hi {{unsubscribeLink}}</p>' where org_id = ${orgId}`
		);
		const chain = newChain();
		const cadenceId = await withOrg(db.web, orgId, async (tx) => {
			const id = await makeCadence(tx, actor, 'Chain', draftOfChain(chain, { templateId, senderId }));
			await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null });
			return id;
		});
		await noteSteps(db);
		let made = 0;
		/** A part at a time, so that runs stand at different steps. */
		const refill = async (atMost: number) => {
			const [row] = await db.admin.execute<{ n: number }>(
				sql`select count(*)::int as n from enrollments where cadence_id = ${cadenceId} and status in ('active', 'paused')`
			);
			for (let missing = Math.min(wanted - row!.n, atMost); missing > 0; missing -= ENROLL_AT_ONCE) {
				const n = Math.min(missing, ENROLL_AT_ONCE);
				const people = Array.from({ length: n }, () => ({
					data: { email: `chain${made++}@people.example` }
				}));
				const ids = await makeLeads(db, world, people);
				await withOrg(db.web, orgId, (tx) => enrollRecords(tx, actor, { cadenceId, records: { ids } }));
			}
			return row!.n;
		};
		await refill(wanted);
		const workers = await startWorkers(db, sink, 2);
		const published: Published[] = [];
		let fewest = wanted;
		try {
			await sleep(1_000);
			const started = Date.now();
			const goesOn = () => {
				const passed = (Date.now() - started) / 1000;
				return passed < seconds || (passed < AT_MOST_SECONDS && published.length < scaled(context, AT_LEAST));
			};
			while (goesOn()) {
				published.push(await publishOnce(db, { actor, cadenceId, templateId, senderId, chain }, random));
				await db.admin.execute(
					sql`update app.clock set shift = shift + make_interval(secs => ${SHIFT_SECONDS})`
				);
				if (published.length % 5 === 0) fewest = Math.min(fewest, await refill(Math.ceil(wanted / 4)));
				// The engine has its turn between two publishes, however long one takes here.
				await sleep(EVERY_MS);
			}
		} finally {
			await workers.stop();
		}
		const [end] = await db.admin.execute<{
			steps: number;
			offPlan: number;
			repeats: number;
			aside: number;
		}>(sql`
			select (select count(*) from action_runs where org_id = ${orgId})::int as steps,
				(select count(*) from steps_off_plan)::int as "offPlan",
				(select count(*) from (select 1 from events where org_id = ${orgId} and kind = 'executed'
					group by enrollment_id, run_no, action_id having count(*) > 1) x)::int as repeats,
				(select count(*) from enrollments where org_id = ${orgId} and quarantined_at is not null)::int as aside`);
		const sum = (key: 'judged' | 'affected' | 'wrong') => published.reduce((all, one) => all + one[key], 0);
		for (const example of published.flatMap((one) => one.example ?? []).slice(0, 3)) context.log(example);
		await sink.stop();
		const verdict = await askJudge(adminUrl, sink.logFile, orgId);
		// Mails under way at the end are no fault of a publish.
		const { I5: _, ...kept } = verdict.invariants;
		const affectedBy = (policy: string) =>
			published.filter((one) => one.policy === policy).reduce((all, one) => all + one.affected, 0);
		return conclude(
			context,
			{
				enrollments: made,
				fewestLive: fewest,
				publishes: published.length,
				judged: sum('judged'),
				stopAffected: affectedBy('stop'),
				keepAffected: affectedBy('keep'),
				moveAffected: affectedBy('move'),
				againstPolicy: sum('wrong'),
				...end!,
				mails: sink.received()
			},
			[
				['0 steps off their pinned plan', end!.offPlan === 0],
				['0 repeats', end!.repeats === 0 && verdict.duplicated === 0],
				['policy table matched 100 %', sum('wrong') === 0 && sum('affected') > 0],
				['0 runs set aside', end!.aside === 0],
				invariantsHold({ ...verdict, invariants: { ...kept, I5: 0 } })
			],
			{ invariants: verdict.invariants }
		);
	});
export default campaign;
