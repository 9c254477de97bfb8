import { Counter, Gauge } from 'prom-client';
import { metrics } from '../operations/registry.ts';
import type { Collab } from './collab.ts';

/** OPS-3: what the collaboration server of this process did. `current` is null while it is not running. */
export function registerMetrics(current: () => Collab | null): void {
	const registers = [metrics()];
	if (metrics().getSingleMetric('cadenza_collab_sockets')) return;
	new Gauge({
		name: 'cadenza_collab_sockets',
		help: 'Open canvas sockets',
		registers,
		collect() {
			this.set(current()?.openSockets() ?? 0);
		}
	});
	const counter = (name: 'stored' | 'rejected' | 'refused', help: string) =>
		new Counter({
			name: `cadenza_collab_${name}_total`,
			help,
			registers,
			collect() {
				this.reset();
				this.inc(current()?.counters[name] ?? 0);
			}
		});
	counter('stored', 'Edits stored in the log');
	counter('rejected', 'Sockets closed for an edit that the gate refused');
	counter('refused', 'Upgrades that were refused');
}
