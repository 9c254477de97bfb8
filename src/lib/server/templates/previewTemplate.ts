import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { parseTemplate } from '#lib/domain/mergeFields/parse.ts';
import { renderHeader, renderHtml } from '#lib/domain/mergeFields/render.ts';
import type { OrgTx } from '../db/client.ts';
import { getRecord } from '../records/getRecord.ts';
import { readMergeValues } from './readMergeValues.ts';
import { sanitizeEmail } from './sanitizeEmail.ts';

/**
 * CHA-1: how a text looks for one real record the actor may see. The page shows the HTML in a sandboxed frame.
 * @throws forbidden, not_found, invalid (the result is too long)
 */
export async function previewTemplate(
	tx: OrgTx,
	actor: Actor,
	{
		recordId,
		senderId = null,
		...template
	}: { recordId: string; senderId?: string | null; subject: string; html: string }
): Promise<{ subject: string; html: string }> {
	await getRecord(tx, actor, recordId);
	const [values] = await readMergeValues(tx, [{ orgId: actor.orgId, recordId, senderId }]);
	if (!values) throw new DomainError('not_found', 'There is no such record.');
	return {
		subject: renderHeader(parseTemplate(template.subject), values),
		html: renderHtml(parseTemplate(sanitizeEmail(template.html)), values, '#unsubscribe')
	};
}
