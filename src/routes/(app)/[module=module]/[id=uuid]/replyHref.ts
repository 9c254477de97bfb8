const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/**
 * CRM-8: where somebody's reply is answered: in the reader's own mail program or in WhatsApp, so that the talk goes on
 * where it was. Null when the sender is not known.
 */
export function replyHref(data: Record<string, unknown>): string | null {
	const from = text(data['from']);
	if (data['channel'] === 'whatsapp') {
		const digits = from.replace(/\D/g, '');
		return digits ? `https://wa.me/${digits}` : null;
	}
	const address = /<([^<>]+@[^<>]+)>\s*$/.exec(from)?.[1] ?? from;
	if (!address.includes('@')) return null;
	const subject = text(data['subject']);
	const answer = /^re:/i.test(subject) ? subject : `Re: ${subject}`;
	return `mailto:${encodeURIComponent(address).replace('%40', '@')}?subject=${encodeURIComponent(answer)}`;
}
