import type { ActionEventKind, EventKind } from '../enrollment/events.ts';
import type { ReportAction } from './funnel.ts';

/** How reports call a figure, and what it counts (REP-3: runs, unless it says otherwise). */
export const figureText: Record<EventKind | 'reached', { label: string; counts: string }> = {
	enrolled: { label: 'Enrolled', counts: 'Runs that began; a restart begins a new one.' },
	reached: {
		label: 'Reached',
		counts: 'Runs that executed or skipped an action of this follow-up or a later one.'
	},
	completed: { label: 'Completed', counts: 'Runs that came to an end of the cadence.' },
	unenrolled: { label: 'Un-enrolled', counts: 'Runs that stopped before the end.' },
	failed: { label: 'Failed', counts: 'Runs that could not go on, for example without an address.' },
	resumed: { label: 'Resumed', counts: 'Runs that went on after a stop.' },
	paused: { label: 'Paused', counts: 'Pauses.' },
	unpaused: { label: 'Went on', counts: 'Ends of pauses.' },
	moved: { label: 'Moved', counts: 'Runs that moved to another version.' },
	skippedTo: { label: 'Skipped forward', counts: 'Runs that a person sent on to this action.' },
	executed: { label: 'Executed', counts: 'Runs in which the action was handed over or created.' },
	skipped: { label: 'Skipped', counts: 'Runs that passed the action by, for example after an opt-out.' },
	sent: { label: 'Sent', counts: 'Messages that the relay or the API accepted, one per run.' },
	delivered: { label: 'Delivered', counts: 'Runs whose message was reported as delivered.' },
	read: { label: 'Read', counts: 'Runs whose message was reported as read.' },
	opened: { label: 'Opened', counts: 'Runs with at least one opening by a person.' },
	clicked: { label: 'Clicked', counts: 'Runs with at least one click by a person.' },
	replied: { label: 'Replied', counts: 'Runs with at least one reply; automatic replies do not count.' },
	bounced: { label: 'Bounced', counts: 'Runs whose message came back.' },
	unsubscribed: { label: 'Unsubscribed', counts: 'Runs whose message led to an unsubscribe.' },
	result: { label: 'Result', counts: 'Runs whose call was logged with this result at least once.' },
	status: { label: 'Status', counts: 'Runs whose task had this status at least once.' },
	overdue: { label: 'Overdue', counts: 'Runs whose task or call was not done in time.' },
	cancelled: { label: 'Cancelled', counts: 'Runs whose task or call a person cancelled.' },
	done: {
		label: 'Done',
		counts: 'Runs in which the action was done; a webhook when its receiver had taken it.'
	},
	decided: { label: 'Decided', counts: 'Runs in which the condition took this case.' },
	messageFailed: { label: 'Refused', counts: 'Runs whose message, or webhook, was refused for good.' }
};

/** Columns of the two tables of a report. */
export const messageFigures: readonly ActionEventKind[] = [
	'sent',
	'delivered',
	'opened',
	'read',
	'clicked',
	'replied',
	'bounced',
	'unsubscribed',
	'messageFailed'
];
export const activityFigures: readonly ActionEventKind[] = ['overdue', 'cancelled'];
/** GRA-8, GRA-10: of actions that reach nobody, and of conditions. */
export const otherFigures: readonly ActionEventKind[] = ['done', 'messageFailed', 'decided'];

/** A value of an action's figures as a person reads it. */
export const valueText = (
	{ kind, caseLabels }: Pick<ReportAction, 'kind' | 'caseLabels'>,
	value: string
): string => (kind === 'condition' ? (value === 'else' ? 'Otherwise' : caseLabels?.[value] || value) : value);

const skipReasons: Record<string, string> = {
	unsubscribed: 'Unsubscribed',
	opt_out: 'Opted out',
	do_not_call: 'Do not call',
	bounced: 'Address bounced',
	complaint: 'Complained'
};
export const skipReasonText = (reason: string): string => skipReasons[reason] ?? reason.replaceAll('_', ' ');

const sources: Record<string, string> = {
	view: 'By the custom view',
	manual: 'By a person',
	bulk: 'In bulk',
	import: 'By an import',
	api: 'By the API',
	restart: 'Restarted'
};
/** How a run began. */
export const sourceText = (source: string): string => sources[source] ?? source;
