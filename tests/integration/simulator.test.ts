import { sql } from 'drizzle-orm';
import type { Actor } from '../../src/lib/domain/access/actor.ts';
import type { Draft } from '../../src/lib/domain/cadence/draft.ts';
import { start } from '../../src/lib/domain/simulator/simulation.ts';
import { turnTo } from '../../src/lib/domain/simulator/turnClock.ts';
import type { SimulatedWorld } from '../../src/lib/domain/simulator/world.ts';
import { withOrg, type OrgTx } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { createRecord } from '../../src/lib/server/records/createRecord.ts';
import { simulateCadence } from '../../src/lib/server/simulator/simulateCadence.ts';
import type { SimulateInput } from '../../src/lib/server/simulator/simulateInput.ts';
import { allLeads, makeCadence, makeMailParts } from '../support/cadences.ts';
import { days, draftOf, task } from '../support/draftOf.ts';
import { makeOrg, makeUser, rep } from '../support/crm.ts';
import { expect, test } from '../support/db.ts';

const hour = 3_600_000;
const seed = '00000000-0000-4000-8000-00000000000a';
const play = (tx: OrgTx, actor: Actor, cadenceId: string, input: Partial<SimulateInput>) =>
	simulateCadence(tx, actor, cadenceId, { seed, ...input });
const begin = (world: SimulatedWorld) =>
	start({ ...world, calendar: { ...world.calendar, holidays: new Set(world.calendar.holidays) } }).simulation;

/** E-mail, then by the record's rating a task or the end; a field update before it. */
async function mailDraft(tx: OrgTx, actor: Actor): Promise<Draft> {
	const { templateId, senderId } = await makeMailParts(tx, actor);
	return draftOf(
		{
			hello: {
				kind: 'email',
				title: 'Hello',
				templateId,
				sender: { kind: 'sender', senderId },
				recipient: 'email'
			},
			rate: { kind: 'updateField', field: 'rating', value: 'Hot' },
			ask: {
				kind: 'condition',
				cases: [
					{ id: 'hot', label: 'Hot', criteria: { field: 'rating', op: 'is', value: 'Hot' } },
					{ id: 'old', label: 'Old', criteria: { field: 'createdAt', op: 'ageOver', value: 2 } }
				]
			},
			look: task()
		},
		[
			['start', 'entry', 'hello'],
			['hello', 'sent', 'ask', days(3)],
			['hello', 'replied', 'rate'],
			['rate', 'done', 'ask'],
			['ask', 'case', 'look', undefined, 'hot']
		]
	);
}

test('VER-7: a real record is played with its own words, by the engine’s checks, and nothing is written', async ({
	db
}) => {
	const actor = await makeOrg(db, { timeZone: 'Europe/Berlin' });
	await withOrg(db.web, actor.orgId, async (tx) => {
		const cadenceId = await makeCadence(tx, actor, 'A', await mailDraft(tx, actor));
		const recordId = await createRecord(tx, actor, {
			moduleKey: 'leads',
			values: { firstName: 'Bea', lastName: 'Byron', email: 'bea@example.org', rating: 'Hot' }
		});
		const counts = () =>
			tx.execute(sql`select (select count(*) from records) as r, (select count(*) from enrollments) as e,
				(select count(*) from messages) as m, (select count(*) from activities) as a, (select count(*) from events) as v`);
		const was = [...(await counts())];
		const world = await play(tx, actor, cadenceId, { recordId });
		expect([...(await counts())]).toEqual(was);
		expect(world).toMatchObject({
			record: { id: recordId, name: 'Bea Byron' },
			inView: null,
			timeBound: true,
			people: { hello: { from: 'Sales <sales@mail.example>', to: 'bea@example.org', variant: null } },
			facts: { timeZone: 'Europe/Berlin', choices: { ask: 'hot' }, leave: null }
		});
		const played = turnTo(begin(world), world.now + 100 * hour);
		expect(played.steps[0]?.text).toMatchObject({ subject: 'Hi Bea' });
		expect(played.steps[0]?.text?.body).toContain('Hello');
		expect(played.steps[0]?.text?.body).toContain('<a href="#">stop</a>');
		expect(played.steps.at(-1)?.text).toMatchObject({ subject: 'Look at Byron' });
		expect(played.simulation.run).toMatchObject({ status: 'completed', done: ['hello', 'look'] });
	});
});

test('VER-7, GRA-10: a made-up record; what an action changed and the day that came count for conditions', async ({
	db
}) => {
	const actor = await makeOrg(db);
	await withOrg(db.web, actor.orgId, async (tx) => {
		const cadenceId = await makeCadence(tx, actor, 'A', await mailDraft(tx, actor));
		const values = { lastName: 'Made Up', email: 'made@example.org' };
		const world = await play(tx, actor, cadenceId, { values });
		expect(world.record).toEqual({ id: null, name: 'Made Up' });
		expect(world.facts.choices).toEqual({ ask: 'else' });
		expect(world.facts.verdicts).toMatchObject({ hello: { do: 'execute' }, rate: { do: 'execute' } });
		const rated = await play(tx, actor, cadenceId, { values, executed: ['hello', 'rate'] });
		expect(rated.facts.choices).toEqual({ ask: 'hot' });
		const recordId = await createRecord(tx, actor, { moduleKey: 'leads', values });
		const at = new Date(Date.now() + 96 * hour).toISOString();
		expect((await play(tx, actor, cadenceId, { recordId, at })).facts.choices).toEqual({ ask: 'old' });
	});
});

test('VER-7, EXE-4, EXE-5: other values than the record has show who would be skipped, fail or leave', async ({
	db
}) => {
	const actor = await makeOrg(db);
	await withOrg(db.web, actor.orgId, async (tx) => {
		const draft = await mailDraft(tx, actor);
		draft.settings.unenroll.criteria = { field: 'leadStatus', op: 'is', value: 'Lost Lead' };
		draft.settings.viewId = await allLeads(tx);
		const cadenceId = await makeCadence(tx, actor, 'A', draft);
		const recordId = await createRecord(tx, actor, {
			moduleKey: 'leads',
			values: { lastName: 'Byron', email: 'bea@example.org' }
		});
		const facts = async (values: Record<string, string | boolean | null>) =>
			(await play(tx, actor, cadenceId, { recordId, values })).facts;
		expect((await facts({})).verdicts?.['hello']).toEqual({ do: 'execute' });
		expect((await facts({ emailOptOut: true })).verdicts?.['hello']).toEqual({
			do: 'skip',
			reason: 'opt_out'
		});
		expect((await facts({ email: null })).verdicts?.['hello']).toMatchObject({ reason: 'missing_address' });
		expect((await play(tx, actor, cadenceId, { recordId })).inView).toBe(true);
		await expect(facts({ email: 'no address' })).rejects.toMatchObject({
			code: 'invalid',
			pointer: '/values/email'
		});
		await expect(facts({ nonsense: 'x' })).rejects.toMatchObject({ pointer: '/values/nonsense' });
	});
});

test('VER-7, PER-3, PER-5: a record that is not one’s own, of another module, or a draft with problems is refused', async ({
	db
}) => {
	const actor = await makeOrg(db);
	const own = await makeUser(db, actor.orgId, rep, 'Rita Rep');
	const blind = await makeUser(db, actor.orgId, {
		...rep,
		cadences: { view: false, manage: false, enroll: false, unenroll: false }
	});
	await withOrg(db.web, actor.orgId, async (tx) => {
		const cadenceId = await makeCadence(tx, actor, 'A');
		const recordId = await createRecord(tx, actor, { moduleKey: 'leads', values: { lastName: 'Byron' } });
		const contact = await createRecord(tx, actor, { moduleKey: 'contacts', values: { lastName: 'C' } });
		await expect(play(tx, own, cadenceId, { recordId })).rejects.toMatchObject({ code: 'not_found' });
		expect((await play(tx, own, cadenceId, { values: { lastName: 'X' } })).record.name).toBe('X');
		await expect(play(tx, blind, cadenceId, {})).rejects.toMatchObject({ code: 'forbidden' });
		await expect(play(tx, actor, cadenceId, { recordId: contact })).rejects.toMatchObject({
			code: 'not_found'
		});
		await expect(play(tx, actor, newId(), {})).rejects.toMatchObject({ code: 'not_found' });
		const broken = await makeCadence(tx, actor, 'B', draftOf({}, []));
		await expect(play(tx, actor, broken, { recordId })).rejects.toMatchObject({
			code: 'invalid',
			details: { violations: expect.arrayContaining([expect.objectContaining({ severity: 'error' })]) }
		});
	});
});
