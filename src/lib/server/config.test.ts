import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

const required = {
	DATABASE_URL: 'postgres://app_web:x@127.0.0.1/cadenza',
	DATABASE_WORKER_URL: 'postgres://app_worker:x@127.0.0.1/cadenza',
	SMTP_URL: 'smtp://127.0.0.1:1025',
	SECRET_KEY: Buffer.alloc(32, 1).toString('base64')
};
const refusal = (env: Record<string, string | undefined>) => {
	try {
		loadConfig(env);
		return '';
	} catch (error) {
		return error instanceof ConfigError ? error.message : String(error);
	}
};

describe('the configuration', () => {
	test('OPS-1: fills in everything that has a sensible value', () => {
		const config = loadConfig(required);
		expect(config).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', EMAILS_PER_DAY_STANDARD: 500 });
		expect(config.ALLOW_LOSSY_DATABASE).toBe(false);
	});

	test('OPS-1: takes an empty variable as not set', () => {
		expect(loadConfig({ ...required, PORT: '', ADDRESS_HEADER: '' }).PORT).toBe(3000);
		expect(refusal({ ...required, SMTP_URL: '' })).toContain('SMTP_URL is missing');
	});

	test('OPS-1: names every wrong variable and the remedy at once', () => {
		const text = refusal({ ...required, DATABASE_URL: undefined, PORT: '99999', SECRET_KEY: 'short' });
		expect(text.split('\n')).toHaveLength(4);
		expect(text).toContain('DATABASE_URL is missing. Set it, for example to postgres://app_web:');
		expect(text).toContain('PORT must be a port number from 0 to 65535.');
		expect(text).toContain(
			'SECRET_KEY must be 32 random bytes in base64. Make one with: openssl rand -base64 32.'
		);
	});

	test.for([
		['ORIGIN', 'https://cadenza.example.com/app', 'must have no path'],
		['ORIGIN', 'cadenza.example.com', 'must be an address such as'],
		['DATABASE_URL', 'mysql://x@y/z', 'must be an address such as postgres://'],
		['EMAILS_PER_DAY_STANDARD', '0', 'must be a whole number from 1'],
		['ALLOW_PRIVATE_HOSTS', 'yes', 'must be true or false'],
		['LOG_LEVEL', 'loud', 'must be one of']
	] as const)('OPS-1: refuses %s=%s', ([name, value, remedy]) => {
		expect(refusal({ ...required, [name]: value })).toContain(`${name} ${remedy}`);
	});

	test('never repeats a secret value in its refusal', () => {
		expect(refusal({ ...required, SECRET_KEY: 'hunter2-hunter2' })).not.toContain('hunter2');
		expect(refusal({ ...required, DATABASE_URL: 'mysql://u:hunter2@h/d' })).not.toContain('hunter2');
	});
});
