import { lookup } from 'node:dns/promises';
import { and, eq } from 'drizzle-orm';
import { DomainError } from '#lib/domain/errors.ts';
import { getConfig } from '../../config.ts';
import type { Executor } from '../../db/client.ts';
import { emailRelays } from '../../db/schema/channels.ts';
import { unseal } from '../../secrets.ts';
import type { Patience } from './smtpSession.ts';
import { isPublicAddress } from '../publicAddress.ts';

/** Where an organization's mail is handed over (CHA-1). */
export type Relay = {
	/** Names the pool: connections are shared by everybody who uses the same relay and login. */
	key: string;
	host: string;
	/** What is connected to: resolved once and checked, so that a second answer of the DNS changes nothing. */
	address: string;
	port: number;
	security: 'none' | 'starttls' | 'tls';
	auth: { user: string; password: string } | null;
	clientName: string;
	patience?: Patience;
};

const allowedPorts = new Set([25, 465, 587, 2525, 443]);

/** The relay of the deployment. `smtp://` takes STARTTLS only when asked (`?starttls=true`): local catchers have none. */
export function systemRelay(): Relay {
	const { SMTP_URL, MAIL_DOMAIN } = getConfig();
	const url = new URL(SMTP_URL);
	const tls = url.protocol === 'smtps:';
	return {
		key: 'system',
		host: url.hostname,
		address: url.hostname,
		port: Number(url.port) || (tls ? 465 : 587),
		security: tls ? 'tls' : url.searchParams.get('starttls') === 'true' ? 'starttls' : 'none',
		auth: url.username
			? { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
			: null,
		clientName: MAIL_DOMAIN
	};
}

/** Where a relay's password is sealed to (`seal`). */
export const relayPasswordPlace = (orgId: string, id: string): string =>
	`${orgId}|email_relays|password_sealed|${id}`;

/**
 * The organization's own relay, or the system's. The address is resolved here and checked against private networks
 * unless the deployment allows them (RELIABILITY.md 4, SSRF).
 * @throws DomainError `invalid` when the host is refused
 */
export async function findOrgRelay(db: Executor, orgId: string): Promise<Omit<Relay, 'address'> | null> {
	const [row] = await db
		.select()
		.from(emailRelays)
		.where(and(eq(emailRelays.orgId, orgId)));
	if (!row) return null;
	const place = relayPasswordPlace(orgId, row.id);
	return {
		key: `org:${orgId}:${row.id}`,
		host: row.host,
		port: row.port,
		security: row.security,
		auth: row.username
			? { user: row.username, password: row.passwordSealed ? openPassword(row.passwordSealed, place) : '' }
			: null,
		clientName: getConfig().MAIL_DOMAIN
	};
}

function openPassword(sealed: string, place: string): string {
	try {
		return unseal(sealed, place);
	} catch {
		throw new DomainError(
			'unavailable',
			'The password of the relay can no longer be read. Enter it again in the settings of the relay.'
		);
	}
}

/** Resolves the host once and refuses what only this machine or its network can reach. */
export async function resolveRelay(relay: Omit<Relay, 'address'>): Promise<Relay> {
	const { ALLOW_PRIVATE_HOSTS } = getConfig();
	const [found] = await lookup(relay.host, { all: true }).catch(() => []);
	if (!found) throw new DomainError('unavailable', `The relay ${relay.host} has no address. Check its name.`);
	if (!ALLOW_PRIVATE_HOSTS && (!isPublicAddress(found.address) || !allowedPorts.has(relay.port)))
		throw new DomainError(
			'invalid',
			`The relay ${relay.host}:${relay.port} is not reachable from here by policy.`
		);
	return { ...relay, address: found.address };
}
