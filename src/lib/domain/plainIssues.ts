import { z } from 'zod';

type Issue = Parameters<NonNullable<ReturnType<typeof z.config>['customError']>>[0];

const kinds: Record<string, string> = {
	string: 'a text',
	number: 'a number',
	int: 'a whole number',
	boolean: 'yes or no',
	date: 'a date',
	array: 'a list',
	object: 'a group of values',
	record: 'a group of values'
};
const forms: Record<string, string> = {
	email: 'must be an e-mail address such as ada@example.com.',
	url: 'must be a web address such as https://example.com.',
	uuid: 'is no id that exists here.',
	datetime: 'must be a date and time such as 2026-05-31T14:30:00Z.',
	date: 'must be a date such as 2026-05-31.',
	time: 'must be a time such as 14:30.'
};

/** `modifiedAt` -> Modified at; the value has the name that its last key gives it, an entry of a list also its place. */
function nameOf(path: readonly PropertyKey[]): string {
	const key = path.findLast((part) => typeof part === 'string');
	const words = (key ?? 'Value')
		.replace(/([a-z\d])([A-Z])/g, '$1 $2')
		.replace(/[_-]+/g, ' ')
		.toLowerCase();
	const name = words.charAt(0).toUpperCase() + words.slice(1);
	const last = path.at(-1);
	return typeof last === 'number' && key !== undefined ? `${name}, entry ${last + 1},` : name;
}

const amount = (value: number | bigint) => value.toLocaleString('en-US');

function sizeWords(issue: Issue & { code: 'too_big' | 'too_small' }): string {
	const [limit, most] = issue.code === 'too_big' ? [issue.maximum, 'at most'] : [issue.minimum, 'at least'];
	const number = amount(limit);
	switch (issue.origin) {
		case 'string':
			return issue.code === 'too_small' && Number(limit) === 1
				? 'must not be empty.'
				: `must have ${number} characters ${most}.`;
		case 'array':
		case 'set':
		case 'map':
			return issue.code === 'too_small' && Number(limit) === 1
				? 'needs at least one entry.'
				: `must have ${number} entries ${most}.`;
		default:
			return issue.inclusive === false
				? `must be ${issue.code === 'too_big' ? 'less' : 'more'} than ${number}.`
				: `must be ${number} ${most}.`;
	}
}

/**
 * What people read when a schema refuses a value and has no words of its own for it: which value, and what it must be.
 * @param name what the value is called in the sentence, `It` where its place is told apart
 * @returns a sentence; never what a parser says
 */
export function plainIssue(issue: Issue, name: string): string {
	switch (issue.code) {
		case 'invalid_type':
			if (issue.input === undefined) return `${name} is missing.`;
			return `${name} must be ${kinds[issue.expected] ?? 'of another kind'}.`;
		case 'too_big':
		case 'too_small':
			return `${name} ${sizeWords(issue)}`;
		case 'invalid_format':
			return `${name} ${forms[issue.format] ?? 'has a form that is not accepted.'}`;
		case 'invalid_value':
			if (issue.input === undefined) return `${name} is missing.`;
			return `${name} must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.slice(0, 20).join(', ')}.`;
		case 'not_multiple_of':
			return `${name} must be a multiple of ${amount(issue.divisor)}.`;
		case 'unrecognized_keys':
			return `${name} has parts that nobody knows here: ${issue.keys.slice(0, 5).join(', ')}.`;
		case 'invalid_key':
			return `${name} has an entry under a name that is not accepted.`;
		case 'invalid_union':
		case 'invalid_element':
		case 'custom':
			return `${name} is not valid.`;
	}
}

const reload = 'Reload the page and try again.';

/** What somebody sent from a page of ours: an id that is none comes from a page that is out of date. */
function plainRefusal(issue: Issue): string {
	if (!issue.path?.length && issue.input === undefined) return `This request arrived damaged. ${reload}`;
	const text = plainIssue(issue, nameOf(issue.path ?? []));
	return issue.code === 'invalid_format' && issue.format === 'uuid' ? `${text} ${reload}` : text;
}

/** For processes that answer people: from then on no schema speaks in a parser's words. */
export const speakPlainly = () => z.config({ customError: plainRefusal });
