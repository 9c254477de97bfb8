import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { startTestCluster, type TestCluster } from '../support/cluster.ts';
import type { PartLine } from './E23/part.ts';
import type { FaultCampaign } from './run.ts';

type Figures = Extract<PartLine, { figures: unknown }>['figures'];

/**
 * E23: random cadences and lives of records through PostgreSQL, against an interpreter written from SPEC.md alone
 * (tests/model). Several processes play at once, each on a database of its own. `--runs=N`, `--processes=N`; a
 * counterexample begins with the arguments that bring it again.
 */
const campaign: FaultCampaign = async ({ args, seed, say, log }) => {
	const wanted = numberOf(args, 'runs') || 10_000;
	// Nobody waits for a core while another waits for its database.
	const processes =
		numberOf(args, 'processes') || Math.min(availableParallelism() + 1, Math.ceil(wanted / 100));
	const cluster = await startTestCluster();
	const played = new Map<number, number>();
	const startedAt = Date.now();
	let said = 0;
	const tell = (n: number, runs: number) => {
		played.set(n, runs);
		const sum = [...played.values()].reduce((total, one) => total + one, 0);
		if (sum - said < wanted / 50) return;
		said = sum;
		log(`${sum} of ${wanted} runs after ${Math.round((Date.now() - startedAt) / 1000)} s`);
	};
	try {
		const stop = new AbortController();
		const parts = await Promise.all(
			Array.from({ length: processes }, async (_, n) => {
				const own = Math.floor((wanted * (n + 1)) / processes) - Math.floor((wanted * n) / processes);
				const figures = await playPart(cluster, own, (seed + n * 1_000_003) | 0, stop.signal, (runs) =>
					tell(n, runs)
				);
				if (figures?.counterexample) stop.abort();
				return figures;
			})
		);
		const found = parts.filter((one) => one !== null);
		const runs = found.reduce((sum, one) => sum + one.runs, 0);
		const commands = found.reduce((sum, one) => sum + one.commands, 0);
		const divergences = found.flatMap(({ counterexample }) => counterexample ?? []);
		for (const [key, value] of Object.entries({ runs, commands, divergences: divergences.length }))
			say(`  ${key.padEnd(12)}${String(value).padStart(8)}`);
		divergences.forEach(say);
		return {
			passed: !divergences.length && runs >= wanted,
			figures: { runs, commands, divergences: divergences.length }
		};
	} finally {
		await cluster.stop();
	}
};
export default campaign;

const numberOf = (args: readonly string[], name: string): number =>
	Number(args.find((arg) => arg.startsWith(`--${name}=`))?.split('=')[1]);

/** null: it was stopped, because another one found something. */
function playPart(
	cluster: TestCluster,
	wanted: number,
	seed: number,
	signal: AbortSignal,
	onPlayed: (runs: number) => void
): Promise<Figures | null> {
	const script = new URL('E23/part.ts', import.meta.url).pathname;
	const child = spawn(
		process.execPath,
		[script, cluster.adminUrl, String(cluster.port), String(wanted), String(seed)],
		{ stdio: ['ignore', 'pipe', 'inherit'] }
	);
	let figures: Figures | null = null;
	createInterface({ input: child.stdout }).on('line', (text) => {
		const line = JSON.parse(text) as PartLine;
		if ('figures' in line) figures = line.figures;
		else onPlayed(line.played);
	});
	const stop = () => child.kill();
	signal.addEventListener('abort', stop);
	return new Promise((done, fail) => {
		child.on('error', fail);
		child.on('close', (code) => {
			signal.removeEventListener('abort', stop);
			if (figures || signal.aborted) done(figures);
			else fail(new Error(`A process of the campaign ended with ${code}.`));
		});
	});
}
