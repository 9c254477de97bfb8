import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireModule } from '#lib/domain/access/permissions.ts';
import { convertedValues } from '#lib/domain/crm/convertedValues.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { getModule } from '../modules/getModule.ts';
import { auditRecords } from './auditRecords.ts';
import { createRecord } from './createRecord.ts';
import { lockRecords } from './lockRecords.ts';
import { onRecordsEnded } from './onRecordsEnded.ts';
import type { RecordRow } from './recordRow.ts';

export const convertSchema = z.object({
	recordId: z.uuid(),
	/** The lead's company becomes an account, or is the one of that name that there is. */
	account: z.boolean().default(true),
	/** Values of the deal; null: none. */
	deal: z.record(z.string(), z.unknown()).nullable().default(null)
});

export type Converted = { contactId: string; accountId: string | null; dealId: string | null };

/**
 * CRM-5, UNE-7: a lead becomes a contact, and if wanted an account and a deal; fields of equal keys go along. Its live
 * runs end as `converted`; the lead stays, with what happened to it.
 * @throws forbidden, not_found, conflict (converted before), invalid (the contact or deal cannot take a value)
 */
export async function convertLead(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof convertSchema>
): Promise<Converted> {
	const { recordId, account, deal } = convertSchema.parse(input);
	const leads = await getModule(tx, 'leads');
	requireModule(actor, leads.key, 'edit');
	const [lead] = await lockRecords(tx, actor, leads, [recordId]);
	if (!lead) throw new DomainError('not_found', 'There is no such lead.');
	if (lead.convertedAt) throw new DomainError('conflict', `${lead.name} was converted already.`);
	const accountId = account ? await accountFor(tx, actor, lead) : null;
	const contacts = await getModule(tx, 'contacts');
	const contactId = await createRecord(tx, actor, {
		moduleKey: 'contacts',
		values: { ...convertedValues(leads, contacts, lead), ...(accountId && { account: accountId }) }
	});
	const dealId = deal
		? await createRecord(tx, actor, {
				moduleKey: 'deals',
				values: { owner: lead.ownerId, ...deal, contact: contactId, ...(accountId && { account: accountId }) }
			})
		: null;
	await tx.execute(sql`
		update records r set converted_at = app.now(), modified_by = ${actor.userId}::uuid,
			modified_at = greatest(app.now(), r.modified_at + interval '1 millisecond')
		where r.org_id = ${actor.orgId}::uuid and r.id = ${recordId}::uuid`);
	const after = { contactId, accountId, dealId };
	await auditRecords(tx, actor.userId, 'record.convert', [{ recordId, after }]);
	await onRecordsEnded(tx, actor, [recordId], 'converted');
	return after;
}

/** The account of the lead's company; null when the lead names none. */
async function accountFor(tx: OrgTx, actor: Actor, lead: RecordRow): Promise<string | null> {
	const company = typeof lead.data['company'] === 'string' ? lead.data['company'].trim() : '';
	if (!company) return null;
	const accounts = await getModule(tx, 'accounts');
	const [known] = await tx.execute<{ id: string }>(sql`
		select id from records where org_id = ${actor.orgId}::uuid and module_id = ${accounts.id}::uuid and deleted_at is null
			and name_sort = lower(${company}) order by created_at, id limit 1`);
	if (known) return known.id;
	const leads = await getModule(tx, 'leads');
	return createRecord(tx, actor, {
		moduleKey: 'accounts',
		values: { ...convertedValues(leads, accounts, lead), accountName: company }
	});
}
