import { expect, test } from 'vitest';
import { replyHref } from './replyHref.ts';

test('CRM-8: a reply is answered in the mail program, under its subject', () => {
	const mail = (from: string, subject: string) => replyHref({ channel: 'email', from, subject });
	expect(mail('ada@leads.example', 'Your offer')).toBe(
		'mailto:ada@leads.example?subject=Re%3A%20Your%20offer'
	);
	expect(mail('Ada <ada@leads.example>', 'RE: Your offer')).toBe(
		'mailto:ada@leads.example?subject=RE%3A%20Your%20offer'
	);
	// Nothing of an address becomes another header of the mail.
	expect(mail('a?bcc=b@x.example', 'x')).toBe('mailto:a%3Fbcc%3Db@x.example?subject=Re%3A%20x');
	expect(mail('', 'x')).toBeNull();
});

test('CRM-8: a WhatsApp reply is answered in WhatsApp', () => {
	expect(replyHref({ channel: 'whatsapp', from: '+49 151 2345' })).toBe('https://wa.me/491512345');
	expect(replyHref({ channel: 'whatsapp', from: null })).toBeNull();
});
