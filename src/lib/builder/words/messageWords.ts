import { parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';
import { mergeFieldChoices } from './recipients.ts';

/**
 * A subject or message as it reads on a card: each merge field by its label, `Hello [First name]`. What names nothing
 * here stays as it was written.
 */
export function messageWords(text: string, context: PublishContext): string {
	// Most texts have none, and cards are written anew with every edit.
	if (!text.includes('{{')) return text;
	const choices = mergeFieldChoices(context);
	return parseTemplate(text)
		.segments.map((segment) => {
			if (segment.kind === 'text') return segment.text;
			const label =
				segment.kind === 'field' && choices.find(({ path }) => path === segment.path.join('.'))?.label;
			return label ? `[${label}]` : segment.source;
		})
		.join('');
}
