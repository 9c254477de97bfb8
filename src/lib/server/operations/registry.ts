import { collectDefaultMetrics, Registry } from 'prom-client';

const shared = globalThis as { [key: symbol]: Registry | undefined };
const key = Symbol.for('cadenza.metrics');

/** Where every module registers its metrics: one per process, whichever copy of the modules asks. */
export function metrics(): Registry {
	const existing = shared[key];
	if (existing) return existing;
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	return (shared[key] = registry);
}
