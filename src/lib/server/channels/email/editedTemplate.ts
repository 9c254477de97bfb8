import { z } from 'zod';
import type { ClaimedMessage } from '../outbox.ts';
import { prepareTemplate, type PreparedTemplate } from './preparedTemplate.ts';

/** GRA-8: what a person changed in the review of one message; what is not there stays the template's. */
const editedSchema = z.object({ subject: z.string().optional(), html: z.string().optional() });

type TemplateText = { id: string; version: number; subject: string; html: string };

/** The text of one message: its template's, or what a person made of it before it went out. */
export function editedTemplate(
	{ id, settings }: Pick<ClaimedMessage, 'id' | 'settings'>,
	template: TemplateText & { prepared: PreparedTemplate }
): { prepared: PreparedTemplate; ownSubject: boolean } {
	const found = editedSchema.safeParse(settings['edited']);
	if (!found.success || (found.data.subject === undefined && found.data.html === undefined))
		return { prepared: template.prepared, ownSubject: false };
	const { subject = template.subject, html = template.html } = found.data;
	return {
		prepared: prepareTemplate({ id, version: template.version, subject, html }),
		ownSubject: found.data.subject !== undefined
	};
}
