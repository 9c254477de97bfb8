import { sql } from 'drizzle-orm';
import { expect, test } from '../support/db.ts';
import { call, email, makeLeads, makeWorld, planOf, runsOf, start, task } from '../support/engineWorld.ts';

/** Two units each, so that after an odd number of others every even limit cuts one in half. */
const smiles = '🙂'.repeat(125);

test('EXE-4: an address that is cut inside a character for its remedy fails its run and is not set aside', async ({
	db
}) => {
	const world = await makeWorld(db);
	const ids = await makeLeads(db, world, [{ data: { email: `x${smiles}` } }]);
	const plan = planOf([email('mail', [], { templateId: world.templateId })]);
	const cadenceId = await start(db, world, plan, ids);
	expect(await runsOf(db, cadenceId)).toMatchObject([
		{
			status: 'failed',
			end_reason: 'invalid_address',
			end_detail: `"x${'🙂'.repeat(39)}" is no valid e-mail address. Correct it, then restart.`,
			quarantine_reason: null
		}
	]);
});

test('GRA-8: subjects of tasks, calls and reviews that are cut inside a character end with the one before', async ({
	db
}) => {
	const world = await makeWorld(db);
	const data = { lastName: smiles, email: 'ada@people.example', phone: '+4915112345678' };
	const ids = await makeLeads(db, world, [{ data }]);
	await db.admin.execute(
		sql`update email_templates set subject = '{{lead.lastName}}' where id = ${world.templateId}`
	);
	const subject = 'x{{lead.lastName}}';
	for (const action of [
		task('do', [], { subject }),
		call('ring', [], { subject }),
		email('mail', [], { templateId: world.templateId, review: true })
	]) {
		const cadenceId = await start(db, world, planOf([action]), ids);
		expect(await runsOf(db, cadenceId), action.kind).toMatchObject([{ quarantine_reason: null }]);
	}
	const made = await db.admin.execute<{ subject: string }>(
		sql`select subject from activities where record_id = ${ids[0]} order by review, kind desc`
	);
	expect(made.map((row) => row.subject)).toEqual([
		`x${'🙂'.repeat(124)}`,
		`x${'🙂'.repeat(124)}`,
		`Review e-mail: ${'🙂'.repeat(117)}`
	]);
});
