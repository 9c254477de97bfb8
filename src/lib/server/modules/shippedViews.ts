import { everything, type Criteria } from '#lib/domain/criteria/criteria.ts';
import type { ViewSort } from '../db/schema/crm.ts';

export type ShippedView = {
	name: string;
	criteria: Criteria;
	columns: string[];
	sort: ViewSort;
	system: true;
	shared: true;
};

/** CRM-6: what each module ships: "All Leads", "Today's Leads", "My Leads". */
export function shippedViews(plural: string, columns: readonly string[]): ShippedView[] {
	const view = (name: string, criteria: Criteria): ShippedView => ({
		name,
		criteria,
		columns: [...columns],
		sort: { field: 'createdAt', direction: 'desc' },
		system: true,
		shared: true
	});
	return [
		view(`All ${plural}`, everything),
		view(`Today's ${plural}`, { field: 'createdAt', op: 'today' }),
		view(`My ${plural}`, { field: 'owner', op: 'currentUser' })
	];
}
