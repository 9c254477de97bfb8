import { expect, test } from 'vitest';
import { timelineLine, type TimelineEntry } from './timelineWords.ts';

const entry = (some: Partial<TimelineEntry>): TimelineEntry => ({
	at: '2026-03-02T09:00:00.000Z',
	source: 'event',
	id: '1',
	kind: 'opened',
	actorName: null,
	cadenceName: 'Spring',
	action: { kind: 'email', followUp: 1, title: 'Welcome' },
	data: {},
	...some
});
const line = (some: Partial<TimelineEntry>) => timelineLine(entry(some), []);

test('CRM-8: an entry is a sentence with the action by its title, the link by number and target', () => {
	expect(line({ kind: 'clicked', data: { detail: '0', link: 'https://x.example/a' } })).toEqual({
		look: 'email',
		title: 'Clicked link 1',
		detail: 'Follow-up 1 · Welcome · https://x.example/a'
	});
	expect(
		line({ source: 'message', kind: 'email', data: { status: 'sent', subject: 'Hello', to: 'a@b.example' } })
	).toEqual({ look: 'email', title: 'E-mail sent: Hello', detail: 'Follow-up 1 · Welcome · to a@b.example' });
	expect(line({ kind: 'skipped', data: { detail: 'opt_out' } }).title).toBe('E-mail skipped: opted out');
});

test('UNE-8: how a run began and why it ended are told with the cadence', () => {
	const run = { action: null } as const;
	expect(line({ ...run, kind: 'enrolled', data: { detail: 'bulk' } })).toEqual({
		look: 'start',
		title: 'Enrolled in “Spring”',
		detail: 'from a list'
	});
	expect(line({ ...run, kind: 'unenrolled', data: { detail: 'manual' } })).toEqual({
		look: 'exit',
		title: 'Un-enrolled from “Spring”',
		detail: 'Un-enrolled by a person'
	});
});

test('EXE-7, EXE-9: machine and late responses say so', () => {
	expect(line({ data: { machine: true, late: true } }).detail).toBe(
		'Follow-up 1 · Welcome · by a mail program or scanner: not counted · after the cadence had moved on'
	);
});

test('UNE-4: what the system cancelled is told apart', () => {
	const call = { source: 'activity', kind: 'call' } as const;
	const data = { subject: 'Ring', status: 'Cancelled', cancelledBy: 'system' };
	expect(line({ ...call, data }).detail).toBe('Follow-up 1 · Welcome · Cancelled (system)');
	const action = { kind: 'call', followUp: 1, title: 'Ring' } as const;
	expect(line({ ...call, data, action }).detail).toBe('Follow-up 1 · Cancelled (system)');
});

test('GRA-8, GRA-10: what extra actions did and conditions decided is said in words', () => {
	const of = (kind: string, title = '') => ({ kind, followUp: 2, title });
	const done = (kind: string, data = {}) => line({ kind: 'done', action: of(kind), data });
	expect(done('tags')).toEqual({ look: 'tags', title: 'Tags changed', detail: 'Follow-up 2 · Tags' });
	expect(done('webhook').title).toBe('Webhook taken by its receiver');
	expect(done('enroll', { outcome: 'enrolled' }).title).toBe('Enrolled in another cadence');
	expect(done('enroll', { outcome: 'cadence_inactive' }).title).toBe(
		'Not enrolled in another cadence: it is not active'
	);
	expect(line({ kind: 'messageFailed', action: of('webhook') }).title).toBe('Webhook refused');
	const decided = (data: Record<string, unknown>) =>
		line({ kind: 'decided', action: of('condition', 'Which city'), data });
	expect(decided({ detail: 'c1', label: 'Rome' })).toEqual({
		look: 'condition',
		title: 'Condition decided: Rome',
		detail: 'Condition · Which city'
	});
	expect(decided({ detail: 'else', label: null }).title).toBe('Condition decided: none of its cases');
});

test('CRM-4: a change of owner or tags is named as well', () => {
	const data = { after: { owner: 'x', tags: ['a'] } };
	expect(line({ source: 'audit', kind: 'record.update', action: null, data }).title).toBe(
		'Changed Owner, Tags'
	);
});
