import { z } from 'zod';
import { listCalendar } from '#lib/server/activities/listCalendar.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { toLocalInput } from '#lib/ui/localTime.ts';
import type { PageServerLoad } from './$types';
import { weeksOf } from './calendarDays.ts';

const span = z.enum(['month', 'week']).catch('month');
const kind = z.enum(['task', 'call']).nullable().catch(null);
/** Years that a calendar can be turned to. */
const day = z.iso.date().refine((text) => text >= '2000-01-01' && text <= '2199-12-31');

/** CRM-9: my calls and tasks by day. */
export const load: PageServerLoad = async ({ locals, url, depends }) => {
	depends('app:work');
	const actor = requireActor(locals);
	const today = toLocalInput(new Date().toISOString(), actor.timeZone).slice(0, 10);
	const shown = {
		span: span.parse(url.searchParams.get('span')),
		kind: kind.parse(url.searchParams.get('kind')),
		day: day.catch(today).parse(url.searchParams.get('day'))
	};
	const weeks = weeksOf(shown.span, shown.day);
	const [from, to] = [weeks[0]?.[0] ?? today, weeks.at(-1)?.at(-1) ?? today];
	const items = await locals.withOrg((tx) =>
		listCalendar(tx, actor, { from, to, kind: shown.kind, perDay: shown.span === 'week' ? 100 : 20 })
	);
	return {
		breadcrumb: [{ label: 'Work', href: '/work' }, { label: 'Calendar' }],
		...shown,
		today,
		weeks,
		items
	};
};
