import { randomUUID } from 'node:crypto';
import { sql, type SQL } from 'drizzle-orm';
import { createDb, type Executor } from '../db/client.ts';

/** How often a process died with a run in hand; `certain`: none of these can still be alive. */
type Crashes = { crashes: number; certain: boolean };

/** What one lane has in hand, written down where its death does not undo it. */
export type LaneMark = {
	/**
	 * Notes the runs of a pass before any of them is looked at. Not if a dead pass had some of them in hand, which are
	 * returned: they are chosen from first.
	 */
	begin: (xid: string, ids: readonly string[]) => Promise<Map<string, Crashes>>;
	/** Notes what was chosen. */
	take: (xid: string, ids: readonly string[]) => Promise<void>;
	/** These runs did not end the process. */
	absolve: (ids: readonly string[]) => Promise<void>;
	/** The pass ended with an error, not with the process. */
	clear: () => Promise<void>;
};
export type PassMarks = { newLane: () => LaneMark; stop: () => Promise<void> };

/** A process that only lost its database takes its mark back within this time. */
const certainAfterSeconds = 5;
const clearAgainMs = 500;

/**
 * RELIABILITY.md 2.6: the attempt is committed before the work. One line per lane, overwritten by its next pass: a mark
 * whose transaction was rolled back and that nobody takes back is of a process that died in it, so a pass that went
 * well needs no second write. It has a connection of its own: the lane's is inside the pass.
 */
export function createPassMarks(url: string): PassMarks {
	const db = createDb(url, { name: 'cadenza-passes', max: 1, statementTimeoutMs: 10_000 });
	const lanes: string[] = [];
	let stopped = false;
	const remove = (ids: readonly string[]) =>
		db.execute(sql`delete from app.engine_passes where lane = any(${sql.param([...ids])}::uuid[])`);
	const newLane = (): LaneMark => {
		const lane = randomUUID();
		lanes.push(lane);
		let epoch = 0;
		return {
			begin: (xid, ids) => {
				epoch++;
				return begin(db, lane, xid, ids);
			},
			take: async (xid, ids) => {
				epoch++;
				await db.execute(write(lane, xid, sql`${sql.param([...ids])}::uuid[]`));
			},
			absolve: async (ids) => void (await absolve(db, ids).catch(() => undefined)),
			clear: async () => {
				const mine = ++epoch;
				const again = () =>
					remove([lane]).then(
						() => undefined,
						() => {
							if (!stopped && mine === epoch)
								setTimeout(() => mine === epoch && void again(), clearAgainMs).unref();
						}
					);
				await again();
			}
		};
	};
	return {
		newLane,
		stop: async () => {
			stopped = true;
			await remove(lanes).catch(() => undefined);
			await db.$client.end({ timeout: 5 });
		}
	};
}

const write = (lane: string, xid: string, ids: SQL, unless = sql``) => sql`
	insert into app.engine_passes as p (lane, xid, ids) select ${lane}::uuid, ${xid}::xid8, ${ids} ${unless}
	on conflict (lane) do update set xid = excluded.xid, ids = excluded.ids, at = clock_timestamp()`;

async function begin(
	db: Executor,
	lane: string,
	xid: string,
	ids: readonly string[]
): Promise<Map<string, Crashes>> {
	const rows = await db.execute<Crashes & { id: string }>(sql`
		with given as materialized (select ${sql.param([...ids])}::uuid[] as ids),
		known as materialized (
			select x.id, count(*)::int as crashes,
				max(p.at) < clock_timestamp() - make_interval(secs => ${certainAfterSeconds}) as certain
			from app.engine_passes p cross join lateral unnest(p.ids) as x(id)
			where p.lane <> ${lane}::uuid and pg_xact_status(p.xid) = 'aborted'
				and x.id in (select unnest(ids) from given)
			group by x.id
		), noted as (
			${write(lane, xid, sql`ids`, sql`from given where not exists (select from known)`)}
		)
		select * from known`);
	return new Map(rows.map(({ id, crashes, certain }) => [id, { crashes, certain }]));
}

/** Only marks of passes that were rolled back are evidence against anybody. */
const absolve = (db: Executor, ids: readonly string[]) =>
	db.execute(sql`
		update app.engine_passes set ids = array(select unnest(ids) except select unnest(${sql.param([...ids])}::uuid[]))
		where pg_xact_status(xid) = 'aborted' and ids && ${sql.param([...ids])}::uuid[]`);

/** Marks of processes that are long gone; part of the minute's sweep. */
export const forgetPassMarks = (tx: Executor) =>
	tx.execute(sql`
		delete from app.engine_passes where at < clock_timestamp() - interval '1 day'
			or (at < clock_timestamp() - interval '1 hour' and (ids = '{}' or pg_xact_status(xid) = 'committed'))`);
