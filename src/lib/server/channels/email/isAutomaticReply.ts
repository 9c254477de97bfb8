export type ReplyHeaders = {
	/** Header names in lower case. */
	headers: ReadonlyMap<string, string>;
	from: string;
	/** MAIL FROM; empty for the null return path. */
	envelopeFrom: string;
	subject: string;
};

const robots = /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+.-].*)?@/i;
const subjects =
	/^(automatic reply|auto(matic)?[- ]?(reply|response)|out of (the )?office|automatische antwort|abwesenheitsnotiz|r[ée]ponse automatique|respuesta autom[áa]tica|risposta automatica|automatisch antwoord|autosvar)\b/i;

/**
 * EXE-8: mail that no person wrote in answer (RFC 3834 and what mailers do instead, CHANNELS.md 4). Such mail is kept
 * and shown, but is no reply.
 */
export function isAutomaticReply({ headers, from, envelopeFrom, subject }: ReplyHeaders): boolean {
	const submitted = headers.get('auto-submitted');
	if (submitted !== undefined && submitted.split(';', 1)[0]!.trim().toLowerCase() !== 'no') return true;
	if (headers.has('x-autoreply') || headers.has('x-autorespond')) return true;
	if (/^(auto_reply|bulk|junk|list)$/i.test(headers.get('precedence')?.trim() ?? '')) return true;
	if (envelopeFrom === '' || /^<>$/.test(headers.get('return-path')?.trim() ?? '')) return true;
	if (/^multipart\/report\b/i.test(headers.get('content-type') ?? '')) return true;
	return robots.test(from) || subjects.test(subject.trim());
}
