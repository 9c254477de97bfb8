import { setConfig } from '../../../src/lib/server/config.ts';
import { cloneDatabase, type TestDatabase } from '../../support/clone.ts';
import { startTestCluster, type TestCluster } from '../../support/cluster.ts';
import { useConfig } from '../../support/config.ts';
import { startSink, type Sink } from '../../support/startSink.ts';

/** Where a campaign takes place: a PostgreSQL and a relay of its own. */
export type Place = { db: TestDatabase; cluster: TestCluster; adminUrl: string; sink: Sink };

type Options = { durable?: boolean; settings?: string[]; sinkDelayMs?: number };

/** Makes the place, and takes it away again whatever happens. */
export async function inPlace<T>(options: Options, work: (place: Place) => Promise<T>): Promise<T> {
	const { sinkDelayMs = 0, ...clusterOptions } = options;
	const cluster = await startTestCluster(clusterOptions);
	try {
		const sink = await startSink({ delayMs: sinkDelayMs });
		const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
		let failed = true;
		try {
			useConfig(db.urls, { SMTP_URL: sink.url });
			const adminUrl = Object.assign(new URL(cluster.adminUrl), { pathname: `/${db.name}` }).href;
			const result = await work({ db, cluster, adminUrl, sink });
			failed = false;
			return result;
		} finally {
			setConfig(undefined);
			await sink.remove();
			// What is left open after a failure says less than the failure.
			await drop().catch((error: unknown) => {
				if (!failed) throw error;
			});
		}
	} finally {
		await cluster.stop();
	}
}
