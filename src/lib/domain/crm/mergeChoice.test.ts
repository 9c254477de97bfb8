import { expect, test } from 'vitest';
import type { ModuleDefinition } from './fields.ts';
import { systemModules } from './systemModules.ts';
import { differingFields, pickedValues, proposedPicks } from './mergeChoice.ts';

const leads = systemModules.find(({ key }) => key === 'leads')!;
const module: ModuleDefinition = {
	...leads,
	id: 'm',
	kind: 'system',
	fields: leads.fields.map((field) => ({
		options: [],
		required: false,
		unique: false,
		origin: 'standard',
		readOnly: false,
		lookupModuleKey: null,
		...field
	}))
};
const record = (id: string, data: Record<string, string>, ownerId = 'ada') => ({
	id,
	name: id,
	ownerId,
	data,
	tags: [id],
	timeZone: null,
	emailOptOut: id === 'b',
	callOptOut: false,
	whatsappOptOut: false,
	createdAt: new Date(0),
	createdBy: null,
	modifiedAt: new Date(0),
	modifiedBy: null,
	convertedAt: null
});
const a = record('a', { lastName: 'Doe', email: 'a@x.example' });
const b = record('b', { lastName: 'Doe', phone: '+15550100', company: '' }, 'bob');

test('CRM-5: only fields that differ are asked about; tags and opt-outs are of all of them', () => {
	const fields = differingFields(module, [a, b]).map(({ key }) => key);
	expect(fields.toSorted()).toEqual(['email', 'owner', 'phone']);
});

test('CRM-5: proposed are the values of the one that stays, and what only another has', () => {
	const fields = differingFields(module, [a, b]);
	expect(proposedPicks(fields, [a, b], 'b')).toEqual({ email: 'a', owner: 'b', phone: 'b' });
	expect(pickedValues(module, [a, b], 'b', { email: 'a', owner: 'b', phone: 'b' })).toEqual({
		email: 'a@x.example'
	});
	// An empty value can be chosen too, and nothing beyond the records at hand.
	expect(pickedValues(module, [a, b], 'b', { phone: 'a', owner: 'a', email: 'stranger', name: 'a' })).toEqual(
		{
			phone: null,
			owner: 'ada'
		}
	);
});
