import pino, { type Logger } from 'pino';
import { getConfig } from './config.ts';

const holder = globalThis as { [key: symbol]: Logger | undefined };
const key = Symbol.for('cadenza.log');

/** Structured log of this process, to standard error: standard output belongs to what a person asked for. */
export function getLog(): Logger {
	return (holder[key] ??= pino(
		{
			level: getConfig().LOG_LEVEL,
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			serializers: { err: serializeError, error: serializeError },
			redact: {
				paths: ['*.password', '*.secret', '*.token', '*.cookie', 'headers.cookie'],
				censor: '[redacted]'
			}
		},
		pino.destination({ dest: 2, sync: true })
	));
}

/** A failed statement carries its parameters in its message: the log keeps only the cause's code and text. */
function serializeError(error: unknown): Record<string, unknown> {
	if (!(error instanceof Error)) return { message: String(error) };
	const cause = error.cause as { code?: string; constraint_name?: string; message?: string } | undefined;
	if (error.name === 'DrizzleQueryError' || 'query' in error) {
		const source = cause ?? (error as { code?: string; message?: string; constraint_name?: string });
		return {
			message: source.message,
			code: source.code,
			constraint: source.constraint_name,
			stack: error.stack
				?.split('\n')
				.filter((line) => line.startsWith('    at '))
				.join('\n')
		};
	}
	return { message: error.message, code: (error as { code?: unknown }).code, stack: error.stack };
}
