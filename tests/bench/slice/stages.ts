import { sql } from 'drizzle-orm';
import type { Actor } from '../../../src/lib/domain/access/actor.ts';
import { publishCadence } from '../../../src/lib/server/cadences/publishCadence.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { advance } from '../../../src/lib/server/engine/advance.ts';
import { newLane } from '../../../src/lib/server/engine/claimDue.ts';
import { drainRecordChanges } from '../../../src/lib/server/engine/drainRecordChanges.ts';
import { createImport } from '../../../src/lib/server/imports/createImport.ts';
import { getImport } from '../../../src/lib/server/imports/getImport.ts';
import { runImport } from '../../../src/lib/server/imports/runImport.ts';
import { startImport } from '../../../src/lib/server/imports/startImport.ts';
import { createView } from '../../../src/lib/server/views/createView.ts';
import { makeCadence, makeMailParts } from '../../support/cadences.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { draftOf } from '../../support/draftOf.ts';
import type { MailOutcomes } from './leadsFile.ts';

/** Upload, start and run with the suggested mapping; columns without a field become custom fields of their guessed type. */
export async function importLeads(db: TestDatabase, actor: Actor, content: Uint8Array): Promise<number> {
	const { orgId } = actor;
	const file = await withOrg(db.web, orgId, (tx) =>
		createImport(tx, actor, { moduleKey: 'leads', fileName: 'leads.csv', content })
	);
	const columns = file.suggested.columns.map((column, i) => {
		const { header, guess } = file.columns[i]!;
		return column.target.kind === 'skip'
			? { ...column, target: { kind: 'new' as const, label: header, type: guess } }
			: column;
	});
	const mapping = { ...file.suggested, columns };
	await withOrg(db.web, orgId, (tx) => startImport(tx, actor, { importId: file.id, mapping }));
	await runImport(db.worker, { orgId, importId: file.id });
	const done = await withOrg(db.web, orgId, (tx) => getImport(tx, actor, file.id));
	if (done.status !== 'done') throw new Error(`The import ended as ${done.status}: ${done.error ?? ''}`);
	return done.created;
}

/** The changes that the import left for the engine; no cadence looks at them yet. */
export async function drainChanges(db: TestDatabase): Promise<void> {
	while (await drainRecordChanges(db.worker));
}

/** A shared view that every lead of the file is in, and a published, active cadence on it with one e-mail. */
export async function publishToEverybody(db: TestDatabase, actor: Actor): Promise<string> {
	return withOrg(db.web, actor.orgId, async (tx) => {
		const view = await createView(tx, actor, {
			moduleKey: 'leads',
			name: 'Everybody in the file',
			criteria: { field: 'lastName', op: 'notEmpty' },
			columns: ['name', 'email'],
			sort: { field: 'name', direction: 'asc' },
			shared: true
		});
		const { templateId, senderId } = await makeMailParts(tx, actor);
		const first = {
			kind: 'email',
			title: 'First mail',
			templateId,
			sender: { kind: 'sender', senderId },
			recipient: 'email'
		};
		const draft = draftOf({ first }, [['start', 'entry', 'first']], { viewId: view.id });
		const cadenceId = await makeCadence(tx, actor, 'Slice', draft);
		await publishCadence(tx, actor, { cadenceId, expectedVersion: null });
		return cadenceId;
	});
}

/** The passes of one worker process: two lanes until nothing is due. */
export async function queueMails(db: TestDatabase): Promise<void> {
	const drain = async () => {
		const lane = newLane();
		for (;;) {
			const { claimed, blocked } = await advance(db.worker, lane);
			if (!claimed && !blocked) return;
		}
	};
	await Promise.all([drain(), drain()]);
}

/** What the database says became of the e-mails. */
export async function countOutcomes(db: TestDatabase, cadenceId: string): Promise<MailOutcomes> {
	const [row] = await db.admin.execute<MailOutcomes>(sql`
		select (select count(*)::int from messages where cadence_id = ${cadenceId} and status = 'sent') as mailed,
			count(*) filter (where a.status = 'skipped')::int as skipped,
			count(*) filter (where a.status = 'failed' and a.reason = 'missing_address')::int as missing_address,
			count(*) filter (where a.status = 'failed' and a.reason = 'invalid_address')::int as invalid_address
		from action_runs a join enrollments e on e.org_id = a.org_id and e.id = a.enrollment_id
		where e.cadence_id = ${cadenceId}`);
	return row!;
}
