import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkTemplate, mergeContextOf } from './check.ts';
import { linksOf, linkTextsOf } from './links.ts';
import { maxOutputBytes, maxTemplateBytes, parseTemplate } from './parse.ts';
import { renderHeader, renderHtml, renderText } from './render.ts';
import type { MergeValues } from './values.ts';

const values = (record: Record<string, string | null>): MergeValues => ({
	roots: ['lead', 'leads'],
	record,
	related: { account: { name: 'Acme' } },
	owner: { name: 'Ada' },
	sender: { name: 'Sales', address: 'sales@example.com' },
	organization: { name: 'Northwind' }
});
const text = (source: string, record: Record<string, string | null> = {}) =>
	renderText(parseTemplate(source), values(record));
const html = (source: string, record: Record<string, string | null> = {}) =>
	renderHtml(parseTemplate(source), values(record), 'https://u.example/x');

describe('the grammar', () => {
	test('fields, fallbacks, lookups, owner, sender and organization', () => {
		expect(text('Hi {{lead.firstName | default: "there"}}!', { firstName: 'Bo' })).toBe('Hi Bo!');
		expect(text("Hi {{ lead.firstName|default:'there' }}!", { firstName: ' ' })).toBe('Hi there!');
		expect(text('{{lead.account.name}} {{account.name}}')).toBe('Acme Acme');
		expect(text('{{owner.name}}, {{sender.address}}, {{organization.name}}')).toBe(
			'Ada, sales@example.com, Northwind'
		);
		expect(text('{{leads.x}}|{{record.x}}|{{contact.x}}', { x: '1' })).toBe('1|1|');
	});

	test('quotes that a sanitiser wrote as entities are read', () => {
		const source = '<a title="{{lead.x | default: &quot;y&quot;}}">z</a>';
		expect(parseTemplate(source).problems).toEqual([]);
		expect(html(source)).toBe('<a title="y">z</a>');
	});

	test.each([
		'{{',
		'{{lead}}',
		'{{a.b.c.d}}',
		'{{lead.x | upper}}',
		'{{#each lead.x}}',
		'{{1+1}}',
		'{{lead.x | default: x}}'
	])('%s is a problem and stays as it was written', (source) => {
		expect(parseTemplate(source).problems).toHaveLength(1);
		expect(text(source)).toBe(source);
	});

	test('an unknown field is named', () => {
		const context = mergeContextOf({ key: 'leads', singular: 'Lead' }, [{ key: 'firstName' }], {
			account: [{ key: 'website' }]
		});
		const problems = (source: string) => checkTemplate(parseTemplate(source), context);
		expect(
			problems('{{lead.firstName}} {{lead.owner}} {{account.website}} {{lead.account.website}}')
		).toEqual([]);
		expect(problems('{{owner.name}} {{sender.address}} {{organization.postalAddress}}')).toEqual([]);
		for (const bad of [
			'lead.nope',
			'contact.firstName',
			'owner.password',
			'account.nope',
			'lead.firstName.x'
		])
			expect(problems(`{{${bad}}}`)).toHaveLength(1);
	});

	test('no inherited property is a value', () => {
		for (const path of ['lead.constructor', 'lead.__proto__', 'toString.call', 'lead.hasOwnProperty.name'])
			expect(text(`[{{${path}}}]`)).not.toContain('function');
	});
});

describe('S11: hostile templates', () => {
	const cases: [string, string][] = [
		['one that is too long', 'x'.repeat(maxTemplateBytes + 1)],
		['many openings', '{{'.repeat(30_000)],
		['many fields', '{{lead.x}}'.repeat(6_000)],
		['nested braces', `${'{{'.repeat(10_000)}lead.x${'}}'.repeat(10_000)}`],
		['a long path', `{{${'a.'.repeat(10_000)}a}}`],
		['a long fallback', `{{lead.x | default: "${'y'.repeat(50_000)}"}}`],
		['spaces to backtrack on', `{{lead.x | default:${' '.repeat(50_000)}}}`]
	];
	test.each(cases)('%s is read in a moment and never grows past the cap', (_name, source) => {
		const began = performance.now();
		const template = parseTemplate(source);
		let size = 0;
		try {
			size = renderText(template, values({ x: 'v'.repeat(1000) })).length;
		} catch (error) {
			expect((error as Error).message).toContain('256 KB');
		}
		expect(performance.now() - began).toBeLessThan(50);
		expect(size).toBeLessThanOrEqual(maxOutputBytes);
	});

	test('a huge value stops at the cap', () => {
		expect(() => text('{{lead.x}}'.repeat(400), { x: 'v'.repeat(100_000) })).toThrow('256 KB');
	});
});

describe('S12: values change words, never structure', () => {
	const frame = '<p title="{{lead.x}}">{{lead.x}} <a href="https://e.example/?q={{lead.x}}">l</a></p>';
	/** Tags and attribute names in order: what a browser would build. */
	const shape = (source: string) => source.replace(/"[^"]*"/g, '""').replace(/>[^<]*</g, '><');

	test('whatever the value, the shape stays', () => {
		const payloads = [
			'"><script>alert(1)</script>',
			"' onload='x",
			'</p><img src=x onerror=1>',
			'{{lead.y}}',
			'&quot;',
			'<!--'
		];
		const expected = shape(html(frame, { x: 'plain' }));
		fc.assert(
			fc.property(fc.oneof(fc.constantFrom(...payloads), fc.string()), (x) => {
				const out = html(frame, { x, y: 'secret' });
				expect(shape(out)).toBe(expected);
				expect(out).not.toContain('secret');
			}),
			{ numRuns: 300 }
		);
	});

	test('a link that is a value must be a web, mail or phone address', () => {
		const link = '<a href="{{lead.x}}">l</a>';
		expect(html(link, { x: 'https://a.example/?a=1&b=2' })).toBe(
			'<a href="https://a.example/?a=1&amp;b=2">l</a>'
		);
		for (const x of [
			'javascript:alert(1)',
			' JavaScript:x',
			'data:text/html,x',
			'//evil.example',
			'vbscript:x'
		])
			expect(html(link, { x })).toBe('<a href="#">l</a>');
		expect(
			html('<a href="{{lead.a}}{{lead.b}}">l</a>', { a: 'https://ok.example/', b: '"><b>' })
		).not.toContain('<b>');
		expect(html('<a href="{{unsubscribeLink}}">u</a>')).toBe('<a href="https://u.example/x">u</a>');
	});

	test('nothing is put into a tag or a style', () => {
		expect(html('<p style="color:{{lead.x}}">a</p>', { x: 'red;background:url(x)' })).toBe(
			'<p style="color:">a</p>'
		);
		expect(html('<p {{lead.x}}>a</p>', { x: 'onclick=1' })).toBe('<p >a</p>');
	});

	test('S10: a header keeps to one line', () => {
		const subject = (x: string) => renderHeader(parseTemplate('Re: {{lead.x}}'), values({ x }));
		expect(subject('a\r\nBcc: evil@example.com')).toBe('Re: a Bcc: evil@example.com');
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (x) => {
				// eslint-disable-next-line no-control-regex -- naming control characters is the point
				expect(subject(x)).not.toMatch(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/);
			})
		);
	});
});

test('GRA-6: a link is recognized by what people read on it', () => {
	const html =
		'<a href="https://a.example/?x=1&amp;y=2"><img src="x"></a><a href="{{unsubscribeLink}}">u</a>' +
		'<a href="https://b.example"><b>Our</b>&nbsp;prices &amp; terms</a><a href="https://a.example/?x=1&amp;y=2">Again</a>' +
		'<a href="https://c.example">Later <br> on</a>';
	expect(linksOf(html)).toHaveLength(3);
	expect(linkTextsOf(html)).toEqual(['Again', 'Our prices & terms', 'Later on']);
});

test('links are numbered by distinct target, the unsubscribe link is none', () => {
	expect(
		linksOf(
			'<a href="https://a.example/?x=1&amp;y=2">a</a><a href="{{unsubscribeLink}}">u</a><a class="b" href="https://b.example">b</a><a href="https://b.example">b</a><a href="mailto:x@y.z">m</a>'
		)
	).toEqual(['https://a.example/?x=1&y=2', 'https://b.example']);
});
