import { endReasonText, pauseCauseText } from '#lib/domain/enrollment/endReasonText.ts';
import { nodeLook } from '#lib/components/nodeLook.ts';
import type { NodeKind } from '#lib/domain/cadence/draft.ts';
import { systemFields, type FieldDefinition } from '#lib/domain/crm/fields.ts';
import { endReasons, pauseCauses } from '#lib/domain/enrollment/state.ts';
import { waitText } from '#lib/domain/enrollment/waitText.ts';
import { skipReasonText } from '#lib/domain/report/figureText.ts';
import { doneTitle } from './extraWords.ts';
import { replyHref } from './replyHref.ts';
import { actionName } from './standstill.ts';

export type TimelineEntry = {
	at: string;
	source: 'audit' | 'event' | 'message' | 'inbound' | 'activity';
	id: string;
	kind: string;
	actorName: string | null;
	cadenceName: string | null;
	action: { kind: string; followUp: number; title: string } | null;
	data: Record<string, unknown>;
};
/** `title` is a sentence, `detail` what somebody wants to know besides. */
export type TimelineLine = {
	look: NodeKind | 'field';
	title: string;
	detail: string;
	/** Where a reply is answered. */
	replyHref?: string;
};

const auditWords: Record<string, string> = {
	'record.create': 'Record created',
	'record.delete': 'Moved to the recycle bin',
	'record.restore': 'Restored from the recycle bin',
	'record.convert': 'Converted to a contact',
	'record.merge': 'Merged with duplicates',
	'record.import': 'Record imported'
};
const inboundWords: Record<string, string> = {
	reply: 'Replied',
	auto_reply: 'Automatic reply received',
	bounce: 'Bounce received',
	complaint: 'Complained about the e-mail',
	unmatched: 'Mail received'
};
/** How a run began (`enrolled`). */
const sourceWords: Record<string, string> = {
	manual: 'by hand',
	bulk: 'from a list',
	view: 'by the custom view',
	import: 'by an import',
	api: 'by the API',
	cadence: 'by another cadence',
	restart: 'restarted from follow-up 1'
};

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const join = (...parts: (string | false)[]) => parts.filter(Boolean).join(' · ');
const short = (words: string, most = 280) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);
/** `not_opened` and `notOpened` to "Not opened": what has no words of its own. */
const spell = (code: string) => {
	const plain = code
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.replace(/[._]/g, ' ')
		.toLowerCase();
	return plain.charAt(0).toUpperCase() + plain.slice(1);
};
const isNodeKind = (kind: string): kind is NodeKind => kind !== 'field' && Object.hasOwn(nodeLook, kind);
const look = (kind: string | undefined): NodeKind => (kind && isNodeKind(kind) ? kind : 'start');

/** CRM-8: one entry of the timeline in the words of the page. */
export function timelineLine(entry: TimelineEntry, fields: readonly FieldDefinition[]): TimelineLine {
	const { kind, data } = entry;
	const step = actionName(entry.action);
	/** A step called like what it says is not named twice. */
	const stepBeside = (said: unknown) =>
		entry.action && entry.action.title === said ? `Follow-up ${entry.action.followUp}` : step;
	switch (entry.source) {
		case 'audit':
			return { look: 'field', ...auditLine(kind, data, fields, entry.cadenceName) };
		case 'event':
			return eventLine(entry, step);
		case 'message': {
			const channel = kind === 'whatsapp' ? 'whatsapp' : 'email';
			const waits = text(data['waitReason']);
			const problem = text(data['error']) || (waits && waitText(waits));
			return {
				look: channel,
				title: messageTitle(channel, data),
				detail: join(
					stepBeside(data['subject']),
					`to ${text(data['to'])}`,
					data['edited'] === true ? 'changed in its review' : '',
					problem
				)
			};
		}
		case 'inbound': {
			const channel = data['channel'] === 'whatsapp' ? 'whatsapp' : 'email';
			const said = [text(data['subject']), text(data['text']).replace(/\s+/g, ' ')]
				.filter(Boolean)
				.join(': ');
			const answer = kind === 'reply' ? replyHref(data) : null;
			return {
				look: channel,
				title: inboundWords[kind] ?? spell(kind),
				detail: join(step, short(said)),
				...(answer ? { replyHref: answer } : {})
			};
		}
		case 'activity': {
			const title = `${kind === 'call' ? 'Call' : 'Task'}: ${text(data['subject'])}`;
			return {
				look: look(kind),
				title,
				detail: join(stepBeside(data['subject']), activityState(data), short(text(data['note'])))
			};
		}
	}
}

function eventLine({ kind, action, cadenceName, data }: TimelineEntry, step: string): TimelineLine {
	const detail = text(data['detail']);
	const cadence = cadenceName ? `“${cadenceName}”` : 'a deleted cadence';
	const run = (title: string, ...more: string[]): TimelineLine => ({
		look: kind === 'enrolled' || kind === 'resumed' || kind === 'unpaused' ? 'start' : 'exit',
		title,
		detail: join(...more, text(data['text']))
	});
	const ended = endReasons.find((one) => one === detail);
	const why = ended ? endReasonText[ended] : detail && spell(detail);
	const cause = pauseCauses.find((one) => one === detail);
	switch (kind) {
		case 'enrolled':
			return run(`Enrolled in ${cadence}`, sourceWords[detail] ?? detail);
		case 'completed':
			return run(`Completed ${cadence}`, why);
		case 'unenrolled':
			return run(`Un-enrolled from ${cadence}`, why, step);
		case 'failed':
			return run(`Failed in ${cadence}`, why, step);
		case 'resumed':
			return run(`Resumed in ${cadence}`, step);
		case 'paused':
			return run(`Paused in ${cadence}`, cause ? pauseCauseText[cause] : '');
		case 'unpaused':
			return run(`Goes on in ${cadence}`);
		case 'moved':
			return run(`Moved to a newer version of ${cadence}`);
		case 'skippedTo':
			return run(`Sent on in ${cadence}`, step);
	}
	const machine = data['machine'] === true && 'by a mail program or scanner: not counted';
	const late = data['late'] === true && 'after the cadence had moved on';
	return {
		look: look(action?.kind),
		title:
			kind === 'done'
				? doneTitle(action?.kind, data['outcome'])
				: responseTitle(kind, look(action?.kind), text(data['label']) || detail),
		detail: join(step, text(data['link']), machine, late)
	};
}

function responseTitle(kind: string, channel: NodeKind, detail: string): string {
	const thing = channel === 'start' ? 'Message' : nodeLook[channel].label;
	switch (kind) {
		case 'skipped':
			return `${thing} skipped: ${skipReasonText(detail).toLowerCase()}`;
		case 'delivered':
			return `${thing} delivered`;
		case 'read':
			return `${thing} read`;
		case 'opened':
			return `${thing} opened`;
		case 'clicked':
			return /^\d+$/.test(detail) ? `Clicked link ${Number(detail) + 1}` : 'Clicked a link';
		case 'replied':
			return detail ? `Replied “${detail}”` : 'Replied';
		case 'bounced':
			return detail === 'soft' ? `${thing} bounced for now` : `${thing} bounced: the address does not work`;
		case 'unsubscribed':
			return 'Unsubscribed from e-mails';
		case 'result':
			return `Call logged: ${detail}`;
		case 'status':
			return `Task set to ${detail.toLowerCase()}`;
		case 'overdue':
			return channel === 'call' ? 'Call missed' : `${thing} overdue`;
		case 'cancelled':
			return `${thing} cancelled`;
		case 'messageFailed':
			return `${thing} refused`;
		case 'decided':
			return `Condition decided: ${detail === 'else' ? 'none of its cases' : detail}`;
		default:
			return spell(kind);
	}
}

function messageTitle(channel: 'email' | 'whatsapp', data: Record<string, unknown>): string {
	const thing = channel === 'email' ? 'E-mail' : 'WhatsApp message';
	const subject = text(data['subject']) && `: ${text(data['subject'])}`;
	switch (data['status']) {
		case 'sent':
			return `${thing} sent${subject}`;
		case 'queued':
			return `${thing} waits to be sent${subject}`;
		case 'claimed':
		case 'sending':
			return `${thing} is being sent${subject}`;
		case 'failed':
			return `${thing} could not be sent${subject}`;
		case 'cancelled':
			return `${thing} withdrawn before it was sent${subject}`;
		default:
			return `${thing} perhaps sent${subject}`;
	}
}

function activityState(data: Record<string, unknown>): string {
	const status = text(data['status']);
	if (status === 'Cancelled') return data['cancelledBy'] === 'system' ? 'Cancelled (system)' : 'Cancelled';
	return text(data['result']) || status;
}

function auditLine(
	kind: string,
	data: Record<string, unknown>,
	fields: readonly FieldDefinition[],
	cadenceName: string | null
): { title: string; detail: string } {
	const author = cadenceName ? `by the cadence “${cadenceName}”` : '';
	const after = data['after'];
	const labels = Object.keys(typeof after === 'object' && after !== null ? after : {})
		.map((key) => [...fields, ...systemFields].find((field) => field.key === key)?.label)
		.filter((label) => label !== undefined);
	if (kind !== 'record.update') return { title: auditWords[kind] ?? spell(kind), detail: '' };
	if (labels.length && labels.length < 4) return { title: `Changed ${labels.join(', ')}`, detail: author };
	return {
		title: labels.length ? `Changed ${labels.length} fields` : 'Record changed',
		detail: join(labels.join(', '), author)
	};
}
