import { kindLabel } from '#lib/domain/plan/violation.ts';
import type { DraftNode, DraftNodeOf, DueRule, SenderRule } from '#lib/domain/cadence/draft.ts';
import { fillPlaceholders } from '#lib/domain/mergeFields/placeholders.ts';
import { isActionKind } from '#lib/domain/cadence/responses.ts';
import { assertNever } from '#lib/domain/errors.ts';
import { webhookHost } from '#lib/domain/plan/webhookUrl.ts';
import type { BuilderContext } from '../builderContext.ts';
import { amountWords } from './delayWords.ts';
import { conditionWords, ownerWords, tagWords, updateWords } from './extraWords.ts';
import { messageWords } from './messageWords.ts';
import { recipientChoices } from './recipients.ts';

/** The three lines of a card. `missing` marks a line that says what is still to be chosen. */
export type NodeWords = {
	title: string;
	what: string;
	whatMissing: boolean;
	who: string;
	whoMissing: boolean;
};

/** The names behind the ids that a draft holds. */
export type Names = Pick<BuilderContext, 'publish' | 'emailPreviews' | 'whatsappBodies'>;

export function nodeWords(node: DraftNode, names: Names): NodeWords {
	const title = node.title.trim();
	switch (node.kind) {
		case 'start':
			return lines(
				title || 'Start',
				`${names.publish.module.plural} ${names.publish.enrollmentKind === 'manual' ? 'enrolled by hand' : 'of a view'}`,
				''
			);
		case 'exit':
			return lines(node.reason.trim() || title || (node.goal ? 'Goal reached' : 'Un-enroll'), '', '');
		case 'email': {
			const template = names.publish.templates.find(({ id }) => id === node.templateId);
			return lines(
				title || template?.name || kindLabel('email'),
				template
					? emailWords(
							node,
							messageWords(names.emailPreviews[template.id]?.subject || template.name, names.publish)
						)
					: null,
				senderWords(node.sender, names),
				node.templateId ? 'Template is gone' : 'Choose a template',
				'Choose a sender'
			);
		}
		case 'whatsapp': {
			const template = names.publish.whatsappTemplates.find(({ id }) => id === node.templateId);
			const open = template?.variables.filter((name) => !node.variables[name]?.trim()) ?? [];
			const body = template && names.whatsappBodies[template.id];
			return lines(
				title || template?.name || kindLabel('whatsapp'),
				open.length
					? null
					: body
						? messageWords(fillPlaceholders(body, node.variables), names.publish)
						: (template?.name ?? null),
				recipientWords(node.recipient, names),
				open.length
					? `Fill in {{${open.join('}}, {{')}}}`
					: node.templateId
						? 'Template is gone'
						: 'Choose a template',
				'Choose a phone field'
			);
		}
		case 'task':
			return lines(
				title || node.subject.trim() || kindLabel('task'),
				node.subject.trim() ? `Due ${dueWords(node.due)}` : null,
				ownerWords(node.owner, names.publish),
				'Write a subject'
			);
		case 'call':
			return lines(
				title || node.subject.trim() || kindLabel('call'),
				node.subject.trim() ? `Starts ${dueWords(node.start)}` : null,
				ownerWords(node.owner, names.publish),
				'Write a subject'
			);
		case 'updateField':
			return lines(
				title || kindLabel('updateField'),
				updateWords(node, names.publish),
				'',
				node.field === null ? 'Choose a field' : 'The field is gone'
			);
		case 'tags':
			return lines(title || kindLabel('tags'), tagWords(node), '', 'Name a tag');
		case 'changeOwner':
			return lines(
				title || kindLabel('changeOwner'),
				ownerWords(node.owner, names.publish),
				'',
				node.owner ? 'The person is gone' : 'Choose the new owner'
			);
		case 'webhook':
			return lines(title || kindLabel('webhook'), webhookHost(node.url), '', 'Enter the address');
		case 'enroll': {
			const cadence = names.publish.cadences.find(({ id }) => id === node.cadenceId);
			return lines(
				title || kindLabel('enroll'),
				cadence ? `Into ${cadence.name}` : null,
				'',
				node.cadenceId === null ? 'Choose a cadence' : 'The cadence is gone'
			);
		}
		case 'condition':
			return lines(title || kindLabel('condition'), conditionWords(node), '', 'Add a case');
		default:
			return assertNever(node);
	}
}

/** The subject; of several variants the first, and how many there are; whether somebody looks at it first. */
const emailWords = ({ variants, review }: DraftNodeOf<'email'>, subject: string): string =>
	[variants?.length ? `A/B ${variants.length + 1}` : '', review ? 'Reviewed' : '', subject]
		.filter(Boolean)
		.join(' · ');

function lines(
	title: string,
	what: string | null,
	who: string | null,
	whatElse = '',
	whoElse = ''
): NodeWords {
	return {
		title,
		what: what ?? whatElse,
		whatMissing: what === null,
		who: who ?? whoElse,
		whoMissing: who === null
	};
}

/** `same day at 10:00`, `after 2 business days at 17:00`. */
export const dueWords = (due: DueRule): string =>
	due.amount === 0 ? `the same day at ${due.at}` : `after ${amountWords(due)} at ${due.at}`;

function senderWords(sender: SenderRule | null, { publish }: Pick<Names, 'publish'>): string | null {
	if (!sender) return null;
	if (sender.kind === 'recordOwner') return 'From the record owner';
	const found = publish.senders.find(({ id }) => id === sender.senderId);
	return found ? `From ${found.name || found.address}` : null;
}

function recipientWords(recipient: string | null, { publish }: Names): string | null {
	if (recipient === null) return null;
	const choices = recipientChoices(publish, 'phone');
	return `To ${choices.find(({ path }) => path === recipient)?.label ?? recipient}`;
}

/** What a screen reader says for a card. */
export const nodeLabel = (node: DraftNode, words: NodeWords, followUp: number | undefined): string =>
	[
		followUp && isActionKind(node.kind) ? `Follow-up ${followUp}` : '',
		kindLabel(node.kind),
		words.title,
		words.what,
		words.who
	]
		.filter((part, index, all) => part && all.indexOf(part) === index)
		.join(', ');
