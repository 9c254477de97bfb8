import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { getConfig } from '../config.ts';
import { isPublicAddress } from './publicAddress.ts';

const refusal = 'This host is not reachable from here by policy.';
/** `code` of the error when an address is refused. */
export const refusedByPolicy = 'REFUSED_BY_POLICY';

const isAllowed = (address: string) => getConfig().ALLOW_PRIVATE_HOSTS || isPublicAddress(address);

/** Checked where the connection is made, so that a second answer of the DNS changes nothing (RELIABILITY.md 4, SSRF). */
export const guardedLookup: LookupFunction = (host, options, done) => {
	resolve(host, { ...options, all: true }, (error, addresses) => {
		if (error) return done(error, '', 0);
		const bad = addresses.find(({ address }) => !isAllowed(address));
		const [first] = addresses;
		if (bad || !first) return done(Object.assign(new Error(refusal), { code: refusedByPolicy }), '', 0);
		if (options.all) return (done as (e: null, all: typeof addresses) => void)(null, addresses);
		done(null, first.address, first.family);
	});
};

/** An address instead of a name is never looked up: the sentence why it is refused; null for names. */
export function addressProblem(url: URL): string | null {
	const host = url.hostname.replace(/^\[|\]$/g, '');
	return isIP(host) && !isAllowed(host) ? refusal : null;
}
