import type { FieldDefinition } from '#lib/domain/crm/fields.ts';

/** CRM-3: the types as people name them. */
export const fieldTypeText: Record<FieldDefinition['type'], string> = {
	text: 'Text',
	longText: 'Long text',
	email: 'E-mail',
	phone: 'Phone',
	url: 'URL',
	number: 'Number',
	currency: 'Currency',
	percent: 'Percent',
	date: 'Date',
	dateTime: 'Date and time',
	boolean: 'Yes or no',
	picklist: 'Picklist',
	multiPicklist: 'Multi-picklist',
	user: 'Person',
	lookup: 'Lookup',
	tags: 'Tags'
};
