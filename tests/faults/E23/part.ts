import { setConfig } from '../../../src/lib/server/config.ts';
import { checkModel } from '../../model/check.ts';
import { cloneDatabase } from '../../support/clone.ts';
import { useConfig } from '../../support/config.ts';

/** What a process of the campaign says, a line each: how far it is, and in the end its figures. */
export type PartLine =
	{ played: number } | { figures: { runs: number; commands: number; counterexample: string | null } };

const say = (line: PartLine) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** One process of E23 with a database of its own: `part.ts ADMIN_URL PORT RUNS SEED`. */
const [adminUrl, port, wanted, seed] = process.argv.slice(2) as [string, string, string, string];
const { drop, ...db } = await cloneDatabase(adminUrl, Number(port));
try {
	useConfig(db.urls);
	const figures = await checkModel(db, {
		wanted: Number(wanted),
		seed: Number(seed),
		onPlayed: (played) => say({ played })
	});
	say({ figures });
} finally {
	setConfig(undefined);
	await drop();
}
