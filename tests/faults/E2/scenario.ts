import { sql } from 'drizzle-orm';
import type { Actor } from '../../../src/lib/domain/access/actor.ts';
import type { ResponseKind, ResponseRef } from '../../../src/lib/domain/cadence/responses.ts';
import type { Plan } from '../../../src/lib/domain/plan/plan.ts';
import { immediately } from '../../../src/lib/domain/time/delay.ts';
import { publishCadence } from '../../../src/lib/server/cadences/publishCadence.ts';
import { replaceDocument } from '../../../src/lib/server/collab/replaceDocument.ts';
import { withOrg } from '../../../src/lib/server/db/client.ts';
import { enrollRecords } from '../../../src/lib/server/enrollments/enrollRecords.ts';
import { makeCadence as makeDraft } from '../../support/cadences.ts';
import type { TestDatabase } from '../../support/clone.ts';
import { draftOf, task as draftTask } from '../../support/draftOf.ts';
import {
	branch,
	call,
	days,
	email,
	makeCadence,
	makeLeads,
	makeView,
	makeWorld,
	planOf,
	task,
	type World
} from '../../support/engineWorld.ts';
import { webhook } from '../../support/extraActions.ts';
import { connectStandIn } from '../../support/whatsapp.ts';
import type { Kind } from './points.ts';

/** What the process that dies, and the one after it, are told. */
export type Scenario = {
	kind: Kind;
	actor: Actor;
	/** Manual, by custom view, and one that is published anew. */
	cadences: { manual: string; view: string; published: string };
	/** In order: what happens to each is said in steps.ts. */
	leads: string[];
};

const LEADS = 8;
const afterwards = (made: ResponseKind, answered: ResponseRef) => [
	branch('first', answered, 'answered', immediately, { rank: 1 }),
	branch('first', { response: made }, 'after', days(1))
];

/** First the action of the kind; whoever answers it within a day gets a task, the others another one the day after. */
function planFor(kind: Kind, world: World, whatsappTemplate: string | undefined, hookUrl: string): Plan {
	const settings = {
		unenroll: {
			leavesView: false,
			onDate: null,
			criteria: { field: 'leadStatus', op: 'is' as const, value: 'Lost' },
			outcomes: []
		}
	};
	const rest = [task('answered'), task('after')];
	const sender = { kind: 'sender' as const, senderId: world.senderId };
	const replied = { response: 'replied' as const };
	switch (kind) {
		case 'mail': {
			const config = { templateId: world.templateId, sender };
			return planOf([email('first', afterwards('sent', replied), config), ...rest], settings);
		}
		case 'whatsapp':
			return planOf(
				[
					{
						kind: 'whatsapp',
						id: 'first',
						followUp: 1,
						title: 'first',
						branches: afterwards('sent', replied),
						config: {
							templateId: whatsappTemplate ?? null,
							recipient: 'phone',
							variables: { '1': '{{lead.lastName}}' }
						}
					},
					...rest
				],
				settings
			);
		case 'webhook':
			return planOf(
				[webhook('first', { url: `${hookUrl}/hook` }, afterwards('done', { response: 'failed' })), ...rest],
				settings
			);
		case 'task': {
			const done = { response: 'status' as const, parameter: 'Completed' };
			return planOf([task('first', afterwards('created', done)), ...rest], settings);
		}
		case 'call': {
			const interested = { response: 'result' as const, parameter: 'Interested' };
			return planOf([call('first', afterwards('created', interested)), ...rest], settings);
		}
	}
}

const draft = (second: string) =>
	draftOf({ look: draftTask('Look'), again: draftTask(second) }, [
		['start', 'entry', 'look'],
		['look', 'created', 'again', days(1)]
	]);

/** An organization of its own for one run of the history. */
export async function makeScenario(
	db: TestDatabase,
	kind: Kind,
	{ standInUrl, hookUrl }: { standInUrl: string; hookUrl: string }
): Promise<Scenario> {
	const world = await makeWorld(db);
	const { actor, orgId } = world;
	await db.admin.execute(
		sql`update organizations set mail_domain = ${`${orgId}.example`} where id = ${orgId}`
	);
	await db.admin.execute(sql`delete from whatsapp_accounts`);
	const templates =
		kind === 'whatsapp'
			? await withOrg(db.owner, orgId, (tx) => connectStandIn(tx, orgId, standInUrl))
			: new Map<string, string>();
	const plan = planFor(kind, world, templates.get('short_reminder'), hookUrl);
	const viewId = await makeView(db, world, { field: 'company', op: 'is', value: 'Viewed' });
	const manual = await makeCadence(db, world, plan);
	const view = await makeCadence(db, world, { ...plan, settings: { ...plan.settings, viewId } }, { viewId });
	const leads = await makeLeads(
		db,
		world,
		Array.from({ length: LEADS }, (_, i) => ({
			name: `Lead ${i}`,
			data: {
				email: `lead${i}@${orgId}.example`,
				phone: `+4915112345${String(i).padStart(3, '0')}`,
				...(i >= LEADS - 2 ? { company: 'Viewed' } : {})
			}
		}))
	);
	const published = await withOrg(db.web, orgId, async (tx) => {
		const id = await makeDraft(tx, actor, 'Published anew', draft('Again'));
		await publishCadence(tx, actor, { cadenceId: id, expectedVersion: null });
		await enrollRecords(tx, actor, { cadenceId: id, records: { ids: leads.slice(0, 2) } });
		await replaceDocument(tx, orgId, id, draft('Once more'), actor.userId);
		return id;
	});
	return { kind, actor, cadences: { manual: manual.cadenceId, view: view.cadenceId, published }, leads };
}
