/**
 * What is changed in graphile-worker 0.18.0: a lost connection is tried again like a server that is starting, also when
 * the outcome of a job is written; and an outcome that cannot be written costs that job, never the process.
 * @type {import('./apply.js').Patch}
 */
export const graphileWorker = {
	package: 'graphile-worker',
	version: '0.18.0',
	files: {
		'dist/lib.js': [
			[
				`const MAX_RETRIES = 100;
export function`,
				`const MAX_RETRIES = 100;
/** SQLSTATE classes 08 and 57P, socket errors, and what pg says without a code. */
const isLostConnection = (e) => /^(08|57P0|ECONN|EPIPE)/.test(e.code ?? "") ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(e.message);
export function`
			],
			[
				`                const retryable = RETRYABLE_ERROR_CODES[e.code];
                if (retryable) {
                    lastError = e;`,
				`                const retryable = isLostConnection(e)
                    ? { minDelay: 100, maxDelay: 5_000 }
                    : RETRYABLE_ERROR_CODES[e.code];
                if (retryable) {
                    lastError = e;`
			]
		],
		'dist/worker.js': [
			[
				`                        ? batchJobFailedPayloads
                        : undefined,
                });
            }`,
				`                        ? batchJobFailedPayloads
                        : undefined,
                })?.catch?.((error) => logger.error(\`Failure of job \${job.id} not written: \${error}\`, { error, job }));
            }`
			],
			[
				`                completeJob(job);
`,
				`                completeJob(job)?.catch?.((error) => logger.error(\`Success of job \${job.id} not written: \${error}\`, { error, job }));
`
			]
		]
	}
};
