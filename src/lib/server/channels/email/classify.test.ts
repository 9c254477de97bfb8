import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyFailure, classifyStatus, retryDelayMinutes } from './classify.ts';

const failure = (response: string, command = 'RCPT TO') => ({
	response,
	command,
	responseCode: Number(response.slice(0, 3)),
	message: response
});

test('EXE-11: errors that blame sender, policy or relay never blame the recipient', () => {
	const replies = [
		'550 5.7.1 relay denied',
		'550 5.7.26 unauthenticated',
		'550 5.7.515 access denied',
		'553 5.1.8 bad sender',
		'550 5.1.7 bad sender syntax',
		'550 5.5.1 bad sequence'
	];
	for (const response of replies)
		for (const phase of ['envelope', 'data'] as const)
			expect([response, classifyFailure(failure(response), phase)]).toEqual([response, 'sender']);
	expect(
		classifyFailure({ code: 'EAUTH', responseCode: 535, response: '535 5.7.8 no', message: '' }, 'connect')
	).toBe('sender');
	expect(classifyFailure({ code: 'ETLS', message: 'no TLS' }, 'connect')).toBe('sender');
	expect(
		classifyFailure({ code: 'EAUTH', responseCode: 454, response: '454 4.7.0 later', message: '' }, 'connect')
	).toBe('retry');
	expect(classifyFailure(failure('554 go away', 'CONN'), 'connect')).toBe('sender');
});

test('EXE-11: a lost line is doubtful only when bytes of the message had left', () => {
	const lost = { code: 'ECONNECTION', message: 'closed' };
	expect(classifyFailure(lost, 'connect')).toBe('retry');
	expect(classifyFailure(lost, 'envelope')).toBe('retry');
	expect(classifyFailure(lost, 'data')).toBe('doubtful');
});

test('EXE-11: every reply has one class; 4xx is never final and 5xx never doubtful', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 400, max: 599 }),
			fc.option(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 99 })), { nil: null }),
			fc.constantFrom('MAIL FROM', 'RCPT TO', 'DATA'),
			fc.constantFrom('envelope' as const, 'data' as const),
			(code, status, command, phase) => {
				const enhanced = status ? ` ${Math.floor(code / 100)}.${status[0]}.${status[1]}` : '';
				const kind = classifyFailure(failure(`${code}${enhanced} text`, command), phase);
				if (code < 500) expect(kind).toBe('retry');
				else expect(['retry', 'doubtful']).not.toContain(kind);
			}
		)
	);
	expect(classifyStatus('5.1.1')).toBe('recipientHard');
	expect(classifyStatus('5.2.2')).toBe('recipientSoft');
	expect(classifyStatus('2.0.0')).toBeNull();
});

test('RELIABILITY 2.6: 1 m, 5 m, 15 m, 1 h, 4 h and no more, spread by a fifth', () => {
	for (const [i, base] of [1, 5, 15, 60, 240, 240, 240].entries()) {
		expect(retryDelayMinutes(i + 1, () => 0)).toBeCloseTo(base * 0.8);
		expect(retryDelayMinutes(i + 1, () => 1)).toBeCloseTo(base * 1.2);
	}
});
