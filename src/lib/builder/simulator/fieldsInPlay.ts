import type { Draft } from '#lib/domain/cadence/draft.ts';
import type { Criteria } from '#lib/domain/criteria/criteria.ts';
import type { FieldDefinition } from '#lib/domain/crm/fields.ts';

const nameFields = ['firstName', 'lastName', 'accountName', 'dealName', 'vendorName', 'name'];
const optOuts: Record<string, string> = {
	email: 'emailOptOut',
	call: 'callOptOut',
	whatsapp: 'whatsappOptOut'
};

function fieldsOf(criteria: Criteria): string[] {
	if ('field' in criteria) return [criteria.field];
	return ('all' in criteria ? criteria.all : criteria.any).flatMap(fieldsOf);
}

/** The fields on which a journey depends: names, recipients, opt-outs, and what criteria ask for. */
export function fieldsInPlay(
	draft: Draft,
	fields: readonly Pick<FieldDefinition, 'key' | 'required'>[]
): Set<string> {
	const keys = new Set(nameFields);
	for (const { key, required } of fields) if (required) keys.add(key);
	for (const node of Object.values(draft.nodes)) {
		if ('recipient' in node && node.recipient) keys.add(node.recipient.split('.')[0]!);
		const optOut = optOuts[node.kind];
		if (optOut) keys.add(optOut);
		if (node.kind === 'condition')
			for (const { criteria } of node.cases)
				for (const key of criteria ? fieldsOf(criteria) : []) keys.add(key);
	}
	for (const key of draft.settings.unenroll.criteria ? fieldsOf(draft.settings.unenroll.criteria) : [])
		keys.add(key);
	return keys;
}
