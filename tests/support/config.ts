import { loadConfig, setConfig, type Config } from '../../src/lib/server/config.ts';
import type { DatabaseUrls } from '../../src/lib/server/db/bootstrap.ts';

/** Environment of a process under test, as strings. */
export const testEnvironment = (urls: DatabaseUrls, overrides: Record<string, string> = {}) => ({
	DATABASE_URL: urls.web,
	DATABASE_WORKER_URL: urls.worker,
	SMTP_URL: 'smtp://127.0.0.1:1',
	SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
	ALLOW_PRIVATE_HOSTS: 'true',
	ALLOW_LOSSY_DATABASE: 'true',
	LOG_LEVEL: 'silent',
	...overrides
});

/** Makes this the configuration of the test's own process. */
export function useConfig(urls: DatabaseUrls, overrides: Record<string, string> = {}): Config {
	const config = loadConfig(testEnvironment(urls, overrides));
	setConfig(config);
	return config;
}
