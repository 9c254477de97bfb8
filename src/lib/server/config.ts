import { z } from 'zod';
import { editions } from '#lib/domain/access/editions.ts';

const url = (protocols: string[], example: string) =>
	z
		.string({ error: `is missing. Set it, for example to ${example}` })
		.refine(
			(value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
			`must be an address such as ${example}`
		);
const postgresUrl = (role: string) =>
	url(['postgres:', 'postgresql:'], `postgres://${role}:password@127.0.0.1:5432/cadenza`);
const port = (fallback: number) =>
	z
		.string()
		.regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
		.transform(Number)
		.refine((value) => value <= 65_535, 'must be a port number from 0 to 65535')
		.default(fallback);
const count = (fallback: number, max: number) =>
	z
		.string()
		.regex(/^\d+$/, `must be a whole number from 1 to ${max}`)
		.transform(Number)
		.refine((value) => value >= 1 && value <= max, `must be a whole number from 1 to ${max}`)
		.default(fallback);
const yesNo = z
	.enum(['true', 'false'], { error: 'must be true or false' })
	.transform((value) => value === 'true')
	.default(false);
const secret = z
	.string({ error: 'is missing. Make one with: openssl rand -base64 32' })
	.refine(
		(value) => Buffer.from(value, 'base64').length >= 32,
		'must be 32 random bytes in base64. Make one with: openssl rand -base64 32'
	);

/** LIM-4: settings of the deployment (limits/deployedLimits.ts). */
const editionLimits = {
	EMAILS_PER_DAY_STANDARD: count(editions.standard.emailsPerDay, 10_000_000),
	EMAILS_PER_DAY_PROFESSIONAL: count(editions.professional.emailsPerDay, 10_000_000),
	EMAILS_PER_DAY_ENTERPRISE: count(editions.enterprise.emailsPerDay, 10_000_000),
	EMAILS_PER_DAY_ULTIMATE: count(editions.ultimate.emailsPerDay, 10_000_000),
	ACTIONS_PER_CADENCE_STANDARD: count(editions.standard.actions, 1_000),
	ACTIONS_PER_CADENCE_PROFESSIONAL: count(editions.professional.actions, 1_000),
	ACTIONS_PER_CADENCE_ENTERPRISE: count(editions.enterprise.actions, 1_000),
	ACTIONS_PER_CADENCE_ULTIMATE: count(editions.ultimate.actions, 1_000)
};

const configSchema = z.object({
	/** Web role: neither owner nor BYPASSRLS. */
	DATABASE_URL: postgresUrl('app_web'),
	DATABASE_WORKER_URL: postgresUrl('app_worker'),
	/** Owner; only the migrating process needs it. */
	DATABASE_MIGRATE_URL: postgresUrl('app_owner').optional(),
	/** Connections per process. */
	DATABASE_POOL: count(10, 200),
	HOST: z.string().default('127.0.0.1'),
	PORT: port(3000),
	/** What the browser's address bar shows, without a path. */
	ORIGIN: url(['http:', 'https:'], 'https://cadenza.example.com')
		.refine(
			(value) => !URL.canParse(value) || new URL(value).origin === value,
			'must have no path and no slash at the end, as in https://cadenza.example.com'
		)
		.default('http://localhost:3000'),
	/** adapter-node's: the header a trusted proxy sets, and how many proxies there are. */
	ADDRESS_HEADER: z.string().optional(),
	XFF_DEPTH: count(1, 10),
	/** The system relay: mails of organizations without one of their own. */
	SMTP_URL: url(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587'),
	/** Replies and bounces; port 0 switches the listener off. */
	INBOUND_SMTP_HOST: z.string().default('127.0.0.1'),
	INBOUND_SMTP_PORT: port(2525),
	MAIL_DOMAIN: z
		.string()
		.regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'must be a domain name such as mail.example.com')
		.default('cadenza.localhost'),
	WHATSAPP_BASE_URL: url(['http:', 'https:'], 'https://graph.facebook.com').default(
		'https://graph.facebook.com'
	),
	/** Lets relays and webhooks point into the private network (otherwise refused: RELIABILITY.md 4, SSRF). */
	ALLOW_PRIVATE_HOSTS: yesNo,
	/** For tests and benchmarks on a throw-away PostgreSQL with fsync off. */
	ALLOW_LOSSY_DATABASE: yesNo,
	/** Master key: every other key is derived from it (secrets.ts). */
	SECRET_KEY: secret,
	/** The key before the last change, so that what it sealed can still be read. */
	SECRET_KEY_PREVIOUS: secret.optional(),
	LOG_LEVEL: z
		.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
			error: 'must be one of trace, debug, info, warn, error, fatal, silent'
		})
		.default('info'),
	/** Health and metrics page of the worker; 0 switches it off. */
	WORKER_PORT: port(0),
	/** Who shows it as bearer token may read /metrics from anywhere; without one only this machine may. */
	METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
	...editionLimits
});

export type Config = z.output<typeof configSchema>;

/** Lists every wrong value at once, with its name and what to write instead. */
export class ConfigError extends Error {
	readonly code = 'config';
}

/**
 * Checks an environment (OPS-1).
 * @throws ConfigError naming each wrong variable and the remedy
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
	// An empty variable is how shells say "unset".
	const given = Object.fromEntries(
		Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
	);
	const result = configSchema.safeParse(given);
	if (result.success) return result.data;
	const lines = result.error.issues.map(
		(issue) => `  ${issue.path.join('.')} ${issue.message.replace(/\.$/, '')}.`
	);
	throw new ConfigError(`The configuration cannot be used:\n${[...new Set(lines)].join('\n')}`);
}

const holder = globalThis as { [key: symbol]: Config | undefined };
const key = Symbol.for('cadenza.config');

/** The configuration of this process, read from its environment at the first call. */
export function getConfig(): Config {
	return (holder[key] ??= loadConfig(process.env));
}

/** For tests, which run several configurations in one process. */
export function setConfig(config: Config | undefined): void {
	holder[key] = config;
}
