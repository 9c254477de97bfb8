import { z } from 'zod';
import { nameText } from '../visibleText.ts';

/** CHA-1: what a person writes of an e-mail template. `moduleKey` null: usable in every module. */
export const emailTemplateSchema = z.object({
	name: nameText('Give the template a name.').max(120, 'A name has at most 120 characters.'),
	moduleKey: z.string().max(80).nullable().default(null),
	subject: z
		.string()
		.trim()
		.min(1, 'Write a subject.')
		.max(250, 'A subject has at most 250 characters.')
		.refine((text) => !/[\r\n]/.test(text), 'A subject is one line.'),
	html: z
		.string()
		.min(1, 'Write the text of the e-mail.')
		.max(64 * 1024, 'The text is longer than 64 KB. Shorten it.')
});
export type EmailTemplateInput = z.input<typeof emailTemplateSchema>;
