import { startTestCluster } from '../support/cluster.ts';
import { checkChains } from './E20/checkChains.ts';
import { checkHandWorked } from './E20/handWorked.ts';
import { checkTimes } from './E20/checkTimes.ts';
import type { FaultCampaign } from './run.ts';

const wanted = 100_000;

/** E20: zones, changes of the clocks and delays against PostgreSQL and against a table worked out by hand. */
const campaign: FaultCampaign = async ({ say }) => {
	const cluster = await startTestCluster();
	try {
		const table = await checkTimes(cluster.adminUrl);
		const byHand = checkHandWorked();
		const chains = checkChains();
		const failures = [...table.failures, ...byHand.failures, ...chains.failures];
		for (const line of failures.slice(0, 30)) say(`  ${line}`);
		const figures = {
			cases: table.cases,
			zones: table.zones,
			transitions: table.transitions,
			byHand: byHand.rows,
			chains: chains.chains,
			failures: failures.length
		};
		for (const [key, value] of Object.entries(figures))
			say(`  ${key.padEnd(14)}${String(value).padStart(8)}`);
		const whole = table.zones === 40 && table.transitions === 80 && table.cases >= wanted;
		return { passed: whole && byHand.rows >= 60 && failures.length === 0, figures };
	} finally {
		await cluster.stop();
	}
};
export default campaign;
