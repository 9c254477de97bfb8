import { eq } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import { insertCadence } from '../cadences/insertCadence.ts';
import { publishCadence } from '../cadences/publishCadence.ts';
import type { OrgTx } from '../db/client.ts';
import { whatsappTemplates } from '../db/schema/channels.ts';
import { getModule } from '../modules/getModule.ts';
import { createTemplate } from '../templates/createTemplate.ts';
import { createView } from '../views/createView.ts';
import { demoCadences } from './cadences.ts';
import { demoEmailTemplates } from './templates.ts';

type DemoView = { name: string; moduleKey: string; criteria: Criteria; columns: string[] };

const demoViews: DemoView[] = [
	{
		name: 'New web leads',
		moduleKey: 'leads',
		criteria: {
			all: [
				{ field: 'leadSource', op: 'is', value: 'Web Form' },
				{ field: 'leadStatus', op: 'in', value: ['New', 'Attempted to Contact'] }
			]
		},
		columns: ['name', 'company', 'email', 'phone', 'leadStatus', 'rating', 'owner', 'createdAt']
	},
	{
		name: 'Webinar guests',
		moduleKey: 'leads',
		criteria: { field: 'tags', op: 'hasAny', value: ['webinar'] },
		columns: ['name', 'email', 'company', 'rating', 'tags', 'owner', 'createdAt']
	},
	{
		name: 'Hot leads without a phone',
		moduleKey: 'leads',
		criteria: {
			all: [
				{ field: 'rating', op: 'is', value: 'Hot' },
				{ field: 'phone', op: 'empty' }
			]
		},
		columns: ['name', 'email', 'company', 'leadStatus', 'owner', 'createdAt']
	},
	{
		name: 'Closing this month',
		moduleKey: 'deals',
		criteria: {
			all: [
				{ field: 'closingDate', op: 'thisMonth' },
				{ field: 'stage', op: 'notIn', value: ['Closed Won', 'Closed Lost'] }
			]
		},
		columns: ['name', 'account', 'stage', 'amount', 'closingDate', 'owner']
	},
	{
		name: 'Customers',
		moduleKey: 'accounts',
		criteria: {
			any: [
				{ field: 'accountType', op: 'is', value: 'Customer' },
				{ field: 'tags', op: 'hasAny', value: ['vip'] }
			]
		},
		columns: ['name', 'industry', 'annualRevenue', 'employees', 'owner']
	}
];

/** Views, templates, and the four cadences, three of them published; returns cadence ids by name. */
export async function seedCadences(tx: OrgTx, admin: Actor): Promise<Map<string, string>> {
	const views = new Map<string, string>();
	for (const view of demoViews) {
		const { id } = await createView(tx, admin, {
			...view,
			sort: { field: 'createdAt', direction: 'desc' },
			shared: true
		});
		views.set(view.name, id);
	}
	const templates = new Map<string, string>();
	for (const { module, ...template } of demoEmailTemplates) {
		const { id } = await createTemplate(tx, admin, { ...template, moduleKey: module });
		templates.set(template.name, id);
	}
	const [reminder] = await tx
		.select({ id: whatsappTemplates.id })
		.from(whatsappTemplates)
		.where(eq(whatsappTemplates.name, 'short_reminder'));
	const cadences = new Map<string, string>();
	const all = demoCadences({
		template: (name) => templates.get(name)!,
		view: (name) => views.get(name)!,
		whatsappTemplate: reminder?.id ?? null
	});
	for (const { name, description, module, view, publish, draft } of all) {
		const id = await insertCadence(tx, admin, {
			moduleId: (await getModule(tx, module)).id,
			name,
			description,
			enrollmentKind: view ? 'view' : 'manual',
			draft
		});
		if (publish)
			await publishCadence(tx, admin, {
				cadenceId: id,
				expectedVersion: null,
				activate: publish === 'active',
				note: 'First version'
			});
		cadences.set(name, id);
	}
	return cadences;
}
