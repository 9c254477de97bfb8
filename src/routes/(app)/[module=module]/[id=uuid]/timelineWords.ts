import type { NodeKind } from '#lib/domain/cadence/draft.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import { endReasons } from '#lib/domain/enrollment/state.ts';
import { endReasonText } from '#lib/components/endReasonText.ts';

export type TimelineEntry = {
	at: string;
	source: 'audit' | 'event' | 'message' | 'inbound' | 'activity';
	id: string;
	kind: string;
	actorName: string | null;
	cadenceName: string | null;
	data: Record<string, unknown>;
};
export type TimelineLine = { look: NodeKind | 'field'; title: string; detail: string };

const eventWords: Record<string, string> = {
	enrolled: 'Enrolled',
	unenrolled: 'Un-enrolled',
	completed: 'Cadence completed',
	failed: 'Cadence failed',
	stopped: 'Cadence stopped',
	paused: 'Paused',
	resumed: 'Resumed',
	restarted: 'Restarted',
	executed: 'Action executed',
	skipped: 'Action skipped',
	sent: 'Sent',
	delivered: 'Delivered',
	opened: 'Opened',
	clicked: 'Clicked a link',
	replied: 'Replied',
	bounced: 'Bounced',
	unsubscribed: 'Unsubscribed',
	read: 'Read'
};
const auditWords: Record<string, string> = {
	'record.create': 'Record created',
	'record.update': 'Record changed',
	'record.delete': 'Record deleted',
	'record.restore': 'Record restored',
	'record.import': 'Record imported'
};
const inboundWords: Record<string, string> = {
	reply: 'Reply received',
	auto_reply: 'Automatic reply received',
	bounce: 'Bounce received',
	complaint: 'Complaint received',
	unmatched: 'Mail received'
};

/** How a run began (`enrolled`). */
const sourceWords: Record<string, string> = {
	manual: 'by hand',
	bulk: 'from a list',
	view: 'by the custom view',
	import: 'by an import',
	api: 'by the API',
	restart: 'restarted'
};

const text = (value: unknown) => (typeof value === 'string' ? value : '');
/** `not_opened` and `notOpened` to "Not opened": what has no words of its own yet. */
const spell = (code: string) => {
	const plain = code
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.replace(/[._]/g, ' ')
		.toLowerCase();
	return plain.charAt(0).toUpperCase() + plain.slice(1);
};
const reason = (code: string) => {
	if (sourceWords[code]) return sourceWords[code];
	const known = endReasons.find((candidate) => candidate === code);
	return known ? endReasonText[known] : code.includes('_') ? spell(code) : code;
};

/** CRM-8: one entry of the timeline in the words of the page. */
export function timelineLine(entry: TimelineEntry, fields: readonly FieldDefinition[]): TimelineLine {
	const { kind, data } = entry;
	switch (entry.source) {
		case 'audit':
			return { look: 'field', title: auditWords[kind] ?? spell(kind), detail: changedFields(data, fields) };
		case 'event': {
			const followUp = typeof data['followUp'] === 'number' ? `Follow-up ${data['followUp']}` : '';
			const late = data['late'] === true ? 'late' : '';
			const detail = [followUp, reason(text(data['detail'])), late].filter(Boolean).join(' · ');
			return { look: 'start', title: eventWords[kind] ?? spell(kind), detail };
		}
		case 'message':
			return {
				look: kind === 'whatsapp' ? 'whatsapp' : 'email',
				title: text(data['subject']) || (kind === 'whatsapp' ? 'WhatsApp message' : 'E-mail'),
				detail: [messageState(data), text(data['to'])].filter(Boolean).join(' · ')
			};
		case 'inbound':
			return {
				look: data['channel'] === 'whatsapp' ? 'whatsapp' : 'email',
				title: inboundWords[kind] ?? spell(kind),
				detail: [text(data['subject']), text(data['text'])].filter(Boolean).join(' · ').slice(0, 280)
			};
		case 'activity':
			return {
				look: kind === 'call' ? 'call' : 'task',
				title: text(data['subject']),
				detail: [text(data['status']), text(data['result']), text(data['note'])].filter(Boolean).join(' · ')
			};
	}
}

/** The furthest thing that came of a message. */
function messageState(data: Record<string, unknown>): string {
	const order = ['bouncedAt', 'repliedAt', 'clickedAt', 'openedAt'] as const;
	const words = { bouncedAt: 'Bounced', repliedAt: 'Replied', clickedAt: 'Clicked', openedAt: 'Opened' };
	const reached = order.find((key) => data[key]);
	if (reached) return words[reached];
	const status = text(data['status']);
	return status === 'unknown' ? 'Doubtful' : spell(status);
}

function changedFields(data: Record<string, unknown>, fields: readonly FieldDefinition[]): string {
	const after = data['after'];
	if (typeof after !== 'object' || after === null) return '';
	const labels = Object.keys(after)
		.map((key) => fields.find((field) => field.key === key)?.label)
		.filter((label) => label !== undefined);
	return labels.length > 6
		? `${labels.slice(0, 6).join(', ')} and ${labels.length - 6} more`
		: labels.join(', ');
}
