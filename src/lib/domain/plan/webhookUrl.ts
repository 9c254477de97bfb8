const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Addresses of the machine itself, of private networks and of nobody. URL has written them in full already. */
function isPrivateV4(a: number, b: number): boolean {
	if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
	if (a === 100) return b >= 64 && b <= 127;
	if (a === 169) return b === 254;
	if (a === 172) return b >= 16 && b <= 31;
	if (a === 192) return b === 168 || b === 0;
	return a === 198 && (b === 18 || b === 19);
}

/** Inside the brackets of a URL: everything but global unicast, and what stands for an IPv4 address. */
const isPrivateV6 = (address: string): boolean =>
	!/^[23][0-9a-f]{3}:/.test(address) || address.startsWith('2002:');

/** The host a webhook goes to, as its card names it; null for what is no web address. */
export const webhookHost = (url: string): string | null =>
	URL.canParse(url.trim()) ? new URL(url.trim()).host || null : null;

/**
 * GRA-8, GRA-9: the sentence why a webhook cannot go to this address; null when it can. Names are looked up when the
 * webhook is sent, and refused there when they lead to a private network. `privateHosts`: this deployment lets its
 * webhooks into its own network.
 */
export function webhookUrlProblem(text: string, privateHosts = false): string | null {
	const url = text.trim();
	if (!url) return 'Enter the address that is called.';
	if (url.includes('{{')) return 'The address takes no merge fields: the record is sent in the body.';
	if (/\s/.test(url) || !URL.canParse(url))
		return 'This is no web address. It looks like https://example.com/hook.';
	const { protocol, hostname, username, password } = new URL(url);
	if (protocol !== 'https:' && protocol !== 'http:')
		return 'The address must begin with https:// or http://.';
	if (username || password) return 'Leave user name and password out of the address.';
	if (privateHosts) return null;
	const parts = v4.exec(hostname);
	const isPrivate = parts
		? isPrivateV4(Number(parts[1]), Number(parts[2]))
		: hostname.startsWith('[') && isPrivateV6(hostname.slice(1));
	return isPrivate
		? 'This address belongs to a private network. Use one that can be reached from outside.'
		: null;
}
