import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalizeEmail, normalizePhone } from './addresses.ts';
import { checkRecord, recordName, searchText } from './checkRecord.ts';
import { fieldKeyOf } from './fieldKey.ts';
import { fieldPathsOfType, fieldTypes, resolveFieldPath, type ModuleDefinition } from './fields.ts';
import { guessDateOrder, guessType, suggestMapping, type ImportColumn } from './importMapping.ts';
import { readValue } from './recordValues.ts';
import { systemModules } from './systemModules.ts';

const modules: ModuleDefinition[] = systemModules.map((module) => ({
	...module,
	id: module.key,
	kind: 'system',
	fields: module.fields.map((field) => ({
		options: [],
		required: false,
		unique: false,
		origin: 'standard',
		readOnly: false,
		lookupModuleKey: null,
		...field
	}))
}));
const moduleOf = (key: string) => modules.find((module) => module.key === key)!;
const field = (type: (typeof fieldTypes)[number], options: string[] = []) => ({
	...moduleOf('leads').fields[0]!,
	label: 'It',
	type,
	options
});

test('CRM-1: seven system modules whose name fields and lookups exist', () => {
	expect(modules.map((module) => module.key)).toEqual([
		'leads',
		'contacts',
		'accounts',
		'deals',
		'vendors',
		'quotes',
		'assets'
	]);
	for (const module of modules) {
		const keys = module.fields.map((one) => one.key);
		expect(new Set(keys).size).toBe(keys.length);
		expect(keys).toEqual(expect.arrayContaining([...module.nameFields]));
		for (const one of module.fields)
			if (one.type === 'lookup') expect(modules.map((other) => other.key)).toContain(one.lookupModuleKey);
	}
});

test('GRA-8: a recipient path goes one lookup deep and no deeper', () => {
	const deals = moduleOf('deals');
	expect(resolveFieldPath(deals, 'contact.email', modules)).toMatchObject({
		lookup: { key: 'contact' },
		module: { key: 'contacts' },
		field: { key: 'email' }
	});
	expect(resolveFieldPath(deals, 'contact.account.email', modules)).toBeNull();
	expect(resolveFieldPath(deals, 'stage.email', modules)).toBeNull();
	expect(fieldPathsOfType(deals, modules, ['email']).map(({ path }) => path)).toEqual([
		'account.email',
		'contact.email'
	]);
});

test.each([
	['Ada@Example.COM ', 'ada@example.com'],
	['lead00012@leads', null],
	['a b@x.example', null],
	['a@x.example, evil@y.example', null],
	['"a"@x.example', null],
	['a@x.example\r\nBcc: b@y.example', null],
	['a..b@x.example', null],
	['@x.example', null],
	[`${'a'.repeat(65)}@x.example`, null]
])('CRM-3: the address %j is used as %j', (typed, address) => {
	expect(normalizeEmail(typed)).toBe(address);
});

test('CRM-3: a normalised address never holds what could add a recipient or a header', () => {
	fc.assert(
		fc.property(fc.string(), fc.constantFrom('', '@x.example', '@x'), (name, rest) => {
			const address = normalizeEmail(name + rest);
			expect(address === null || /^[^\s,;:<>"()[\]\\]+@[a-z0-9.-]+\.[a-z0-9-]+$/.test(address)).toBe(true);
			expect(address === null || normalizeEmail(address) === address).toBe(true);
		})
	);
});

test('CRM-3: phones are dialled as E.164', () => {
	expect(normalizePhone('+91 98198 40461')).toBe('+919819840461');
	expect(normalizePhone('0171 2345678', 'DE')).toBe('+491712345678');
	expect(normalizePhone('12')).toBeNull();
});

test('CRM-3: values are read by type, and blank of any kind is null', () => {
	for (const type of fieldTypes) expect(readValue('  ', field(type)).value).toBeNull();
	expect(readValue('1,234.50', field('currency')).value).toBe(1234.5);
	expect(readValue('12 %', field('percent')).value).toBe(12);
	expect(readValue('12a', field('number')).problem).toBe('It must be a number.');
	expect(readValue('2026/5/3', field('date')).value).toBe('2026-05-03');
	expect(readValue('2026-02-30', field('date')).problem).toBeDefined();
	expect(readValue('3/1/2017', field('date')).problem).toBeDefined();
	expect(readValue('3/1/2017', field('date'), { dateOrder: 'mdy' }).value).toBe('2017-03-01');
	expect(readValue('31.1.2017', field('date'), { dateOrder: 'dmy' }).value).toBe('2017-01-31');
	expect(guessDateOrder(['3/1/2017', '3/21/2017'])).toBe('mdy');
	expect(guessDateOrder(['3/1/2017', '21/3/2017'])).toBe('dmy');
	expect(readValue('2026-07-01 09:00', field('dateTime'), { timeZone: 'Europe/Berlin' }).value).toBe(
		'2026-07-01T07:00:00.000Z'
	);
	expect(readValue('hot', field('picklist', ['Hot'])).value).toBe('Hot');
	expect(readValue('Hot; cold', field('multiPicklist', ['Hot', 'Cold'])).value).toEqual(['Hot', 'Cold']);
	expect(readValue('a\0b', field('text')).value).toBe('ab');
	expect(readValue('javascript:alert(1)', field('url')).problem).toBeDefined();
});

test('CRM-4: an import keeps an incomplete address as typed, a form refuses it', () => {
	expect(readValue('me@nowhere', field('email')).problem).toBeDefined();
	expect(readValue('me@nowhere', field('email'), { keepAddresses: true })).toMatchObject({
		value: 'me@nowhere',
		warning: expect.stringContaining('kept as typed')
	});
});

test('CRM-4: required fields must be there on create and may not be emptied later', () => {
	const leads = moduleOf('leads');
	expect(checkRecord(leads, { firstName: 'A' }).problems).toMatchObject([{ field: 'lastName' }]);
	expect(checkRecord(leads, { firstName: 'A' }, { partial: true }).problems).toEqual([]);
	for (const lastName of ['', null, ' \0 '])
		expect(checkRecord(leads, { lastName }, { partial: true }).problems).toMatchObject([
			{ field: 'lastName' }
		]);
	expect(checkRecord(leads, { constructor: 'x' }).problems).toContainEqual(
		expect.objectContaining({ field: 'constructor' })
	);
});

test('CRM-7: a record is named by its name fields and found by its addresses', () => {
	const leads = moduleOf('leads');
	const data = { lastName: 'Rossi', email: 'Z@X.example', phone: '+39 06 1234567', company: 'Acme' };
	expect(recordName(leads, { firstName: 'Zoe', lastName: 'Rossi' })).toBe('Zoe Rossi');
	expect(recordName(leads, { email: 'z@x.example' })).toBe('z@x.example');
	expect(searchText(leads, 'Rossi', data)).toBe('rossi z@x.example +39 06 1234567 +39061234567 acme');
});

test('CRM-3: a field key is made from its label, and stays free of others', () => {
	expect(fieldKeyOf('What is your current occupation?', () => false)).toBe('whatIsYourCurrentOccupation');
	expect(fieldKeyOf('Größe', () => false)).toBe('grosse');
	expect(fieldKeyOf('2nd phone', () => false)).toBe('field2ndPhone');
	expect(fieldKeyOf('__proto__', (key) => key === 'proto')).toBe('proto2');
	expect(fieldKeyOf('Constructor', () => false)).toBe('constructor2');
});

const column = (index: number, header: string, values: string[] = []): ImportColumn => ({
	index,
	header,
	samples: values,
	blanks: 0,
	values: values.map((value) => ({ value, count: 10 })),
	guess: 'text'
});

test('CRM-4: a mapping is suggested by header, each field once, placeholders made blank', () => {
	const headers = ['E-Mail Address', 'Last Name', 'Do Not Email', 'Do Not Call', 'Email', 'Shoe size'];
	const suggested = suggestMapping(
		headers.map((header, index) => column(index, header, ['Select', 'x'])),
		moduleOf('leads')
	);
	expect(suggested.map(({ target }) => (target.kind === 'field' ? target.key : target.kind))).toEqual([
		'skip',
		'lastName',
		'emailOptOut',
		'callOptOut',
		'email',
		'skip'
	]);
	expect(suggested[5]!.replace).toEqual({ Select: '' });
});

test('CRM-4: a new field gets the type that holds every value of its column', () => {
	const guess = (header: string, values: string[], choices = true) =>
		guessType(
			header,
			{ all: (fits) => values.every(fits), longest: Math.max(...values.map((value) => value.length)) },
			choices ? values.map((value) => ({ value, count: 10 })) : null
		);
	expect(guess('Search', ['Yes', 'No'])).toBe('boolean');
	expect(guess('Visits', ['1', '2.5'])).toBe('number');
	expect(guess('Occupation', ['Unemployed', 'Student'])).toBe('picklist');
	expect(guess('Prospect ID', ['7927b2df', '2a272436x'], false)).toBe('text');
	expect(guess('Closed', ['2026-01-01'])).toBe('date');
});

test('CRM-3: a required value is something that can be seen', () => {
	const leads = moduleOf('leads');
	for (const nothing of ['\u200b', ' \u200d\ufeff\u00ad ', '\u3164', '\u2800', '\0'])
		expect(checkRecord(leads, { lastName: nothing }).problems).toMatchObject([
			{ field: 'lastName', message: 'Last Name is required.' }
		]);
	// A joiner inside a text belongs to it.
	expect(checkRecord(leads, { lastName: '👩‍🚀' }).data['lastName']).toBe('👩‍🚀');
});

test('CRM-3: numbers have bounds within which every digit is kept', () => {
	const read = (type: 'number' | 'currency' | 'percent', value: unknown) => readValue(value, field(type));
	expect(read('number', '999,999,999,999,999').value).toBe(999_999_999_999_999);
	expect(read('currency', '$9999999999999.99').value).toBe(9_999_999_999_999.99);
	expect(read('percent', '1000000 %').value).toBe(1_000_000);
	expect(read('number', 1e15).problem).toBe(
		'It must be between -999,999,999,999,999 and 999,999,999,999,999.'
	);
	expect(read('currency', '-1e13').problem).toBe(
		'It must be between -9,999,999,999,999.99 and 9,999,999,999,999.99.'
	);
	expect(read('percent', 1_000_001).problem).toBe('It must be between -1,000,000 and 1,000,000.');
	for (const type of ['number', 'currency', 'percent'] as const)
		for (const value of ['1e400', Infinity, -Infinity])
			expect(read(type, value).problem).toContain('between');
	expect(read('number', NaN).problem).toBe('It must be a number.');
});
