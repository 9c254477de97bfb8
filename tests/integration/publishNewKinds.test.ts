import { sql } from 'drizzle-orm';
import { getPublishContext } from '../../src/lib/server/cadences/getPublishContext.ts';
import { cloneCadence } from '../../src/lib/server/cadences/cloneCadence.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { readDraft } from '../../src/lib/server/collab/readDraft.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import type { Plan } from '../../src/lib/domain/plan/plan.ts';
import { immediately } from '../../src/lib/domain/time/delay.ts';
import { makeCadence } from '../support/cadences.ts';
import { makeOrg } from '../support/crm.ts';
import { describe, expect, test } from '../support/db.ts';
import { draftOf, task } from '../support/draftOf.ts';

const first = (cadenceId: string) => ({ cadenceId, expectedVersion: null });
const company = { field: 'company', op: 'is', value: 'Acme' };
const ask = {
	kind: 'condition',
	cases: [
		{ id: 'acme', label: 'Acme', criteria: company },
		{ id: 'named', label: '', criteria: { all: [{ field: 'company', op: 'notEmpty' }, company] } }
	]
};

describe('extra actions and conditions', () => {
	test('VER-2, GRA-8, GRA-10: are stored in the document, published and cloned as they were drawn', async ({
		db
	}) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const target = await makeCadence(tx, actor, 'Nurture');
			await publishCadence(tx, actor, first(target));
			const draft = draftOf(
				{
					look: task(),
					ask,
					mark: { kind: 'tags', add: ['hot'], remove: ['cold'] },
					move: { kind: 'updateField', field: 'company', value: 'Acme of {{lead.lastName}}' },
					give: { kind: 'changeOwner', owner: { kind: 'roundRobin', userIds: [actor.userId] } },
					tell: { kind: 'webhook', url: 'https://hooks.example.com/in' },
					later: { kind: 'enroll', cadenceId: target }
				},
				[
					['start', 'entry', 'look'],
					['look', 'created', 'ask'],
					['ask', 'case', 'mark', immediately, 'acme'],
					['ask', 'case', 'move', immediately, 'named'],
					['ask', 'else', 'later'],
					['mark', 'done', 'give'],
					['give', 'done', 'tell'],
					['tell', 'failed', 'later'],
					['tell', 'done', 'later']
				]
			);
			const id = await makeCadence(tx, actor, 'A', draft);
			expect((await readDraft(tx, actor.orgId, id)).draft.nodes).toEqual(draft.nodes);
			await publishCadence(tx, actor, first(id));
			const [version] = await tx.execute<{ plan: Plan }>(
				sql`select plan from cadence_versions where cadence_id = ${id}`
			);
			const { nodes } = version!.plan;
			expect(nodes['ask']).toMatchObject({
				followUp: 1,
				cases: [
					{ id: 'acme', target: 'mark' },
					{ id: 'named', target: 'move' }
				],
				otherwise: { target: 'later' }
			});
			expect(
				Object.values(nodes)
					.map(({ id: node, followUp }) => [node, followUp])
					.sort()
			).toEqual([
				['ask', 1],
				['give', 3],
				['later', 5],
				['look', 1],
				['mark', 2],
				['move', 2],
				['tell', 4]
			]);
			const clone = await cloneCadence(tx, actor, { cadenceId: id });
			expect((await readDraft(tx, actor.orgId, clone.id)).draft.nodes).toEqual(draft.nodes);
		});
	});

	test('GRA-9: the context lists the cadences of the module and where they enroll', async ({ db }) => {
		const actor = await makeOrg(db);
		await withOrg(db.web, actor.orgId, async (tx) => {
			const a = await makeCadence(tx, actor, 'A');
			await publishCadence(tx, actor, first(a));
			const into = (cadenceId: string) =>
				draftOf({ go: { kind: 'enroll', cadenceId } }, [['start', 'entry', 'go']]);
			const b = await makeCadence(tx, actor, 'B', into(a));
			await publishCadence(tx, actor, first(b));
			const c = await makeCadence(tx, actor, 'C', into(a));
			const { cadenceId, cadences } = await getPublishContext(tx, actor, a);
			expect(cadenceId).toBe(a);
			expect(cadences).toEqual([
				{ id: a, name: 'A', state: 'active', enrollmentKind: 'manual', enrolls: [] },
				{ id: b, name: 'B', state: 'active', enrollmentKind: 'manual', enrolls: [a] },
				{ id: c, name: 'C', state: 'draft', enrollmentKind: 'manual', enrolls: [] }
			]);
			const id = await makeCadence(tx, actor, 'To a draft', into(c));
			await expect(publishCadence(tx, actor, first(id))).rejects.toMatchObject({
				details: { violations: [expect.objectContaining({ code: 'enroll.cadence' })] }
			});
		});
	});
});
