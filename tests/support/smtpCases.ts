import type { SmtpFault } from './faultySmtp.ts';

/** What an answer or a break of the dialogue means for the message (EXE-11, RELIABILITY.md 2.6). */
export type SmtpClass = 'sent' | 'hard' | 'soft' | 'refused' | 'retry' | 'sender' | 'doubtful';
export type SmtpCase = [at: SmtpFault['at'] | 'refuse', how: SmtpFault['how'], meaning: SmtpClass];

const reply = (text: string) => ({ reply: text });

/** E15: 40 ways in which a relay can answer or break. */
export const smtpCases: readonly SmtpCase[] = [
	['refuse', 'close', 'retry'],
	['connect', 'close', 'retry'],
	['connect', reply('421 4.3.2 too many connections'), 'retry'],
	['connect', reply('554 5.7.1 no service for you'), 'sender'],
	['ehlo', 'close', 'retry'],
	['ehlo', reply('421 4.3.2 shutting down'), 'retry'],
	['ehlo', reply('550 5.7.1 who are you'), 'sender'],
	['mail', reply('421 4.7.0 slow down'), 'retry'],
	['mail', reply('451 4.3.0 later'), 'retry'],
	['mail', reply('550 5.7.1 sender not allowed'), 'sender'],
	['mail', 'close', 'retry'],
	['rcpt', reply('550 5.1.1 no such user'), 'hard'],
	['rcpt', reply('550 no such user'), 'hard'],
	['rcpt', reply('553 5.1.3 bad address'), 'hard'],
	['rcpt', reply('550 5.1.10 null MX'), 'hard'],
	['rcpt', reply('552 5.2.2 mailbox full'), 'soft'],
	['rcpt', reply('552 mailbox full'), 'soft'],
	['rcpt', reply('450 4.2.1 greylisted'), 'retry'],
	['rcpt', reply('451 4.7.1 try later'), 'retry'],
	['rcpt', reply('421 4.3.2 shutting down'), 'retry'],
	['rcpt', reply('550 5.7.1 relaying denied'), 'sender'],
	['rcpt', reply('550 5.7.515 not authenticated'), 'sender'],
	['rcpt', reply('554 transaction failed'), 'refused'],
	['rcpt', 'close', 'retry'],
	['rcpt', 'stall', 'retry'],
	['data', reply('554 no'), 'refused'],
	['data', reply('451 4.3.0 later'), 'retry'],
	['data', 'close', 'retry'],
	['data', 'stall', 'retry'],
	['body', 'close', 'doubtful'],
	['dot', reply('550 5.1.1 unknown after all'), 'hard'],
	['dot', reply('554 5.6.0 malformed'), 'refused'],
	['dot', reply('550 5.7.26 unauthenticated'), 'sender'],
	['dot', reply('451 4.7.0 deferred'), 'retry'],
	['dot', reply('421 4.7.0 too much'), 'retry'],
	['dot', reply('552 5.3.4 too big'), 'refused'],
	['dot', 'close', 'doubtful'],
	['dot', 'stall', 'doubtful'],
	['dot', { late: '250 2.0.0 queued', afterMs: 2_000 }, 'sent'],
	['afterAccept', 'close', 'doubtful']
];

export type SmtpOutcome = { status: string; wait_reason: string | null; responses: string[] };
export const outcomeOf: Record<SmtpClass, SmtpOutcome> = {
	sent: { status: 'sent', wait_reason: null, responses: ['sent'] },
	hard: { status: 'failed', wait_reason: null, responses: ['bounced/hard address_bounced'] },
	soft: { status: 'failed', wait_reason: null, responses: ['bounced/soft provider_refused'] },
	refused: { status: 'failed', wait_reason: null, responses: ['failed provider_refused'] },
	retry: { status: 'queued', wait_reason: 'relay', responses: [] },
	sender: { status: 'queued', wait_reason: 'sender', responses: [] },
	doubtful: { status: 'unknown', wait_reason: null, responses: ['sent'] }
};
