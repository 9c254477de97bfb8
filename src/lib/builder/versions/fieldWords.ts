import type { DraftNode, DraftSettings, DueRule, OwnerRule, SenderRule } from '#lib/domain/cadence/draft.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import type { TimeWindow } from '#lib/domain/time/delay.ts';
import type { BuilderContext } from '../builderContext.ts';
import { amountWords, weekdayWords } from '../words/delayWords.ts';
import { caseWords, ownerWords } from '../words/extraWords.ts';
import { dueWords } from '../words/nodeWords.ts';
import type { FieldChange } from './changeEntries.ts';

/** The names behind ids, for one field after the other. */
export type FieldNames = Pick<BuilderContext, 'publish' | 'fields' | 'emailPreviews' | 'whatsappBodies'>;

const labels: Record<string, string> = {
	title: 'Name on the canvas',
	templateId: 'Template',
	sender: 'Sender',
	replyTo: 'Reply to',
	recipient: 'Recipient',
	threaded: 'In the same thread',
	weight: 'Weight of the first variant',
	variants: 'Variants',
	review: 'Review before sending',
	reviewer: 'Reviewer',
	subject: 'Subject',
	description: 'Description',
	agenda: 'Agenda',
	due: 'Due',
	start: 'Starts',
	priority: 'Priority',
	owner: 'Owner',
	reminder: 'Reminder',
	variables: 'Variables',
	field: 'Field',
	value: 'Value',
	add: 'Tags to add',
	remove: 'Tags to remove',
	url: 'Address',
	cadenceId: 'Cadence',
	cases: 'Cases',
	reason: 'Reason',
	goal: 'Goal',
	kind: 'Kind'
};

/** One field of a step before and after, as a person reads it. */
export function fieldWords(
	field: string,
	before: DraftNode | undefined,
	after: DraftNode | undefined,
	names: FieldNames
): FieldChange[] {
	const read = (node: DraftNode | undefined) =>
		node ? valueWords(field, (node as Record<string, unknown>)[field], names) : '';
	return [{ label: labels[field] ?? field, before: read(before), after: read(after) }];
}

const none = 'nothing';
const nameIn = (list: readonly { id: string; name: string }[], id: unknown): string =>
	id === null || id === undefined ? none : (list.find((one) => one.id === id)?.name ?? 'one that is gone');

function valueWords(field: string, value: unknown, names: FieldNames): string {
	const { publish } = names;
	switch (field) {
		case 'templateId':
			return nameIn([...publish.templates, ...publish.whatsappTemplates], value);
		case 'cadenceId':
			return nameIn(publish.cadences, value);
		case 'owner':
		case 'reviewer':
			return ownerWords((value as OwnerRule | undefined) ?? null, publish) ?? none;
		case 'sender':
			return senderWords(value as SenderRule | null, publish.senders);
		case 'due':
		case 'start':
			return dueWords(value as DueRule);
		case 'reminder':
			return typeof value === 'number' ? `${value} minutes before` : 'none';
		case 'field':
			return publish.fields.find(({ key }) => key === value)?.label ?? none;
		case 'variants':
			return (
				((value as { templateId: string | null; weight: number }[] | undefined) ?? [])
					.map(({ templateId, weight }) => `${nameIn(publish.templates, templateId)} (${weight})`)
					.join(', ') || none
			);
		case 'cases':
			return (
				(value as { id: string; label: string; criteria: Criteria | null }[])
					.map(
						(one, index) => `${one.label || `Case ${index + 1}`}: ${caseWords(one, names) ?? 'not said when'}`
					)
					.join('; ') || none
			);
		case 'variables':
			return (
				Object.entries(value as Record<string, string>)
					.map(([name, text]) => `{{${name}}}: ${text}`)
					.join(', ') || none
			);
		default:
			return plain(value);
	}
}

function plain(value: unknown): string {
	if (value === null || value === undefined || value === '') return none;
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (Array.isArray(value)) return value.map(plain).join(', ') || none;
	return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function senderWords(rule: SenderRule | null, senders: FieldNames['publish']['senders']): string {
	if (!rule) return none;
	const fallback = rule.fallbackSenderId ? `, else ${nameIn(senders, rule.fallbackSenderId)}` : '';
	return `${rule.kind === 'recordOwner' ? 'the record owner' : nameIn(senders, rule.senderId)}${fallback}`;
}

const settingLabels: Record<string, string> = {
	viewId: 'Audience',
	scan: 'Enroll records that match',
	'unenroll.leavesView': 'Un-enroll: leaves the view',
	'unenroll.onDate': 'Un-enroll: on a date',
	'unenroll.criteria': 'Un-enroll: criteria',
	'unenroll.outcomes': 'Un-enroll: responses',
	window: 'Sending window',
	weekdays: 'Sending days',
	lateReply: 'Reply to an earlier message',
	endAfterDays: 'End without a response',
	trackOpens: 'Track opens',
	trackClicks: 'Track clicks'
};
export const settingLabel = (name: string): string => settingLabels[name] ?? name;

export function settingWords(name: string, settings: DraftSettings, names: FieldNames): string {
	const { unenroll } = settings;
	switch (name) {
		case 'viewId':
			return nameIn(names.publish.views, settings.viewId);
		case 'scan':
			return settings.scan ? `every ${amountWords(settings.scan)}` : 'immediately';
		case 'unenroll.leavesView':
			return plain(unenroll.leavesView);
		case 'unenroll.onDate':
			return plain(unenroll.onDate);
		case 'unenroll.criteria':
			return caseWords({ criteria: unenroll.criteria }, names) ?? none;
		case 'unenroll.outcomes':
			return unenroll.outcomes.length === 1 ? '1 rule' : `${unenroll.outcomes.length} rules`;
		case 'window':
			return windowWords(settings.window);
		case 'weekdays':
			return settings.weekdays ? weekdayWords(settings.weekdays) : 'every day';
		case 'lateReply':
			return settings.lateReply === 'unenroll' ? 'un-enrolls' : 'is only recorded';
		case 'endAfterDays':
			return settings.endAfterDays === null ? 'never' : `after ${settings.endAfterDays} days`;
		case 'trackOpens':
			return plain(settings.trackOpens);
		case 'trackClicks':
			return plain(settings.trackClicks);
		default:
			return '';
	}
}

const windowWords = (window: TimeWindow | null): string =>
	window ? `${window.from}–${window.to}` : 'at any time';
