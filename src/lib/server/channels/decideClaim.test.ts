import { expect, test } from 'vitest';
import { decideClaim, type Candidate } from './decideClaim.ts';

const waiting: Candidate = {
	org_id: 'o',
	id: 'm',
	channel: 'email',
	action_run_id: 'a',
	enrollment_id: 'e',
	run_no: 1,
	action_id: 'mail',
	cadence_id: 'c',
	record_id: 'r',
	template_id: 't',
	sender_id: 's',
	to_address: 'kim@example.org',
	settings: {},
	attempt: 0,
	queued: true,
	crashes: 0,
	rfc_message_id: null,
	deferred_minutes: null,
	version_id: 'v',
	run_status: 'active',
	live_run_no: 1,
	current_action: 'mail',
	cadence_state: 'active',
	cadence_deleted: false,
	record_gone: false,
	record_zone: null,
	opted_out: false,
	suppressed: null,
	sender_status: 'active',
	sender_wait_minutes: null,
	account_status: null,
	org_zone: 'UTC',
	org_day: '2026-03-02',
	business_hours: {},
	holidays: [],
	mail_domain: 'example.org',
	edition: 'ultimate',
	emails_per_day: null,
	day_start: '2026-03-02 00:00:00+00',
	next_day: '2026-03-03 00:00:00+00'
};
const decide = (row: Partial<Candidate>) => decideClaim({ ...waiting, ...row }, undefined, 0);
const malformed = { to_address: 'nobody@nowhere' };

test('EXE-5: at hand-over, who is opted out or unsubscribed is skipped whatever is wrong with the address', () => {
	expect(decide({})).toEqual({ kind: 'send' });
	expect(decide({ opted_out: true, suppressed: 'bounced' })).toEqual({ kind: 'skip', reason: 'opt_out' });
	expect(decide({ opted_out: true, ...malformed })).toEqual({ kind: 'skip', reason: 'opt_out' });
	for (const row of [{}, { opted_out: true }, malformed])
		expect(decide({ ...row, suppressed: 'unsubscribed' })).toEqual({ kind: 'skip', reason: 'unsubscribed' });
	expect(decide({ ...malformed, suppressed: 'opt_out' })).toEqual({ kind: 'skip', reason: 'opt_out' });
});

test('EXE-4, VER-4: a message made anew for a record that has no address any more fails on every channel', () => {
	for (const channel of ['email', 'whatsapp'] as const)
		expect(decide({ channel, account_status: 'connected', to_address: '' })).toMatchObject({
			kind: 'fail',
			reason: 'missing_address'
		});
	expect(decide({ opted_out: true, to_address: '' })).toEqual({ kind: 'skip', reason: 'opt_out' });
});

test('EXE-11: who may be written to fails by a malformed or bounced address', () => {
	expect(decide(malformed)).toMatchObject({ kind: 'fail', reason: 'invalid_address' });
	expect(decide({ suppressed: 'bounced' })).toMatchObject({ kind: 'fail', reason: 'address_bounced' });
});
