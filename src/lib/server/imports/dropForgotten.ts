import { sql } from 'drizzle-orm';
import type { Executor } from '../db/client.ts';

const keptDays = 7;

/** CRM-4: a file that was uploaded and never imported is not kept for ever: after a week it counts as cancelled. */
export async function dropForgotten(db: Executor): Promise<number> {
	const dropped = await db.execute(sql`
		update imports set status = 'cancelled', finished_at = app.now(), content = null
		where status = 'uploaded' and created_at < app.now() - make_interval(days => ${keptDays}) returning id`);
	return dropped.length;
}
