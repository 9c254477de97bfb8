import type { Draft } from '#lib/domain/cadence/draft.ts';
import { businessDays, days, hours, makeDraft } from './drafts.ts';
import type { DemoTemplateName } from './templates.ts';

export type DemoCadence = {
	name: string;
	description: string;
	module: string;
	/** Name of the shared view that is the audience; absent for manual enrollment. */
	view?: string;
	publish: 'active' | 'inactive' | null;
	draft: Draft;
};

type Ids = {
	template: (name: DemoTemplateName) => string;
	view: (name: string) => string;
	whatsappTemplate: string | null;
};

const owner = { kind: 'recordOwner' } as const;

/** E-mail, call, task and WhatsApp over four follow-ups; stops when somebody answers. */
function welcome({ template, view, whatsappTemplate }: Ids): Draft {
	const email = (name: DemoTemplateName) => ({
		templateId: template(name),
		sender: owner,
		recipient: 'email'
	});
	return makeDraft({
		settings: {
			viewId: view('New web leads'),
			unenroll: {
				leavesView: false,
				onDate: null,
				criteria: { field: 'leadStatus', op: 'in', value: ['Qualified', 'Lost'] },
				outcomes: [
					{
						channel: 'call',
						actionId: null,
						responses: [{ response: 'result', parameter: 'Invalid number' }]
					}
				]
			}
		},
		nodes: [
			{ id: 'welcome', kind: 'email', at: [0, 1], title: 'Welcome', ...email('Welcome to Northwind') },
			{
				id: 'intro-call',
				kind: 'call',
				at: [-1, 2],
				title: 'Introduction call',
				subject: 'Introduce ourselves',
				agenda: 'Ask what they want to learn and by when.',
				recipient: 'phone',
				owner
			},
			{ id: 'answered', kind: 'exit', at: [0, 2], reason: 'Answered', goal: true },
			{ id: 'guide', kind: 'email', at: [1, 2], title: 'Course guide', ...email('Course guide') },
			...(whatsappTemplate
				? [
						{
							id: 'nudge',
							kind: 'whatsapp' as const,
							at: [1, 3] as [number, number],
							title: 'Short reminder',
							templateId: whatsappTemplate,
							recipient: 'phone',
							variables: { '1': '{{lead.firstName | default: "there"}}' }
						}
					]
				: []),
			{
				id: 'prepare',
				kind: 'task',
				at: [-1, 3],
				title: 'Send an offer',
				subject: 'Prepare an offer for {{lead.name}}',
				owner
			},
			{
				id: 'last',
				kind: 'email',
				at: [0, 4],
				title: 'Shall I keep your place?',
				...email('Still interested?')
			}
		],
		edges: [
			['start', 'entry', 'welcome'],
			['welcome', 'clicked', 'intro-call', hours(4)],
			['welcome', 'replied', 'answered'],
			['welcome', 'notOpened', 'guide', days(3)],
			['welcome', 'sent', 'guide', days(5)],
			['intro-call', 'result', 'prepare', undefined, 'Interested'],
			['intro-call', 'result', 'last', businessDays(2), 'No response'],
			['intro-call', 'created', 'last', days(5)],
			...(whatsappTemplate
				? (
						[
							['guide', 'sent', 'nudge', days(2)],
							['nudge', 'notReplied', 'last', days(3)]
						] as const
					).map((edge) => [...edge] as [string, 'sent' | 'notReplied', string, (typeof edge)[3]])
				: ([['guide', 'sent', 'last', days(5)]] as [string, 'sent', string, ReturnType<typeof days>][]))
		]
	});
}

function webinar({ template }: Ids): Draft {
	const email = (name: DemoTemplateName) => ({
		templateId: template(name),
		sender: owner,
		recipient: 'email'
	});
	return makeDraft({
		nodes: [
			{ id: 'thanks', kind: 'email', at: [0, 1], title: 'Thank you', ...email('After the webinar') },
			{
				id: 'call',
				kind: 'call',
				at: [-1, 2],
				title: 'Call the interested',
				subject: 'Webinar follow-up',
				recipient: 'phone',
				owner
			},
			{ id: 'guide', kind: 'email', at: [1, 2], title: 'Course guide', ...email('Course guide') },
			{
				id: 'note',
				kind: 'task',
				at: [0, 3],
				title: 'Review by hand',
				subject: 'Look at {{lead.name}} again',
				owner
			}
		],
		edges: [
			['start', 'entry', 'thanks', hours(1)],
			['thanks', 'opened', 'call', days(1)],
			['thanks', 'notOpened', 'guide', days(4)],
			['guide', 'sent', 'note', days(3)],
			['call', 'created', 'note', days(4)]
		]
	});
}

function renewal({ template }: Ids): Draft {
	return makeDraft({
		nodes: [
			{
				id: 'check',
				kind: 'email',
				at: [0, 1],
				title: 'Check-in',
				templateId: template('Renewal check-in'),
				sender: owner,
				recipient: 'email'
			},
			{
				id: 'call',
				kind: 'call',
				at: [0, 2],
				title: 'Talk about renewal',
				subject: 'Renewal of {{contact.name}}',
				recipient: 'phone',
				owner
			}
		],
		edges: [
			['start', 'entry', 'check'],
			['check', 'notReplied', 'call', businessDays(3)]
		]
	});
}

/** Left unfinished on purpose: it shows what the problems list looks like. */
function stalledDeals(): Draft {
	return makeDraft({
		nodes: [
			{
				id: 'review',
				kind: 'task',
				at: [0, 1],
				title: 'Review the deal',
				subject: 'Why did {{deal.name}} stall?',
				owner
			},
			{
				id: 'mail',
				kind: 'email',
				at: [0, 2],
				title: 'Ask the contact',
				recipient: 'contact.email',
				sender: owner
			}
		],
		edges: [
			['start', 'entry', 'review'],
			['review', 'status', 'mail', days(1), 'Completed']
		]
	});
}

export const demoCadences = (ids: Ids): DemoCadence[] => [
	{
		name: 'Welcome new web leads',
		description: 'Everybody who asked for something on the site hears from us four times at most.',
		module: 'leads',
		view: 'New web leads',
		publish: 'active',
		draft: welcome(ids)
	},
	{
		name: 'Webinar follow-up',
		description: 'Enrolled by hand after each webinar.',
		module: 'leads',
		publish: 'active',
		draft: webinar(ids)
	},
	{
		name: 'Renewal check-in',
		description: 'Six weeks before a company renews.',
		module: 'contacts',
		publish: 'inactive',
		draft: renewal(ids)
	},
	{
		name: 'Stalled deals',
		description: 'Being drawn: bring deals back that nobody touched for a month.',
		module: 'deals',
		publish: null,
		draft: stalledDeals()
	}
];
