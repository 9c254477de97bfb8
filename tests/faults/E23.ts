import { setConfig } from '../../src/lib/server/config.ts';
import { checkModel } from '../model/check.ts';
import { cloneDatabase } from '../support/clone.ts';
import { startTestCluster } from '../support/cluster.ts';
import { useConfig } from '../support/config.ts';
import type { FaultCampaign } from './run.ts';

/**
 * E23: random cadences and lives of records through PostgreSQL, against an interpreter written from SPEC.md alone
 * (tests/model). `--runs=N`.
 */
const campaign: FaultCampaign = async ({ args, seed, say, log }) => {
	const flag = args.find((arg) => arg.startsWith('--runs='))?.slice('--runs='.length);
	const wanted = Number(flag) || 10_000;
	const cluster = await startTestCluster();
	const { drop, ...db } = await cloneDatabase(cluster.adminUrl, cluster.port);
	try {
		useConfig(db.urls);
		const { counterexample, ...figures } = await checkModel(db, { wanted, seed, log });
		for (const [key, value] of Object.entries(figures))
			say(`  ${key.padEnd(10)}${String(value).padStart(8)}`);
		if (counterexample) say(counterexample);
		return {
			passed: !counterexample && figures.runs >= wanted,
			figures: { ...figures, divergences: counterexample ? 1 : 0 }
		};
	} finally {
		setConfig(undefined);
		await drop();
		await cluster.stop();
	}
};
export default campaign;
