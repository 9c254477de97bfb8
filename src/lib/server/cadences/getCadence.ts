import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { readCadences, type CadenceItem } from './cadenceRow.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const noCadence = (): DomainError =>
	new DomainError('not_found', 'There is no such cadence. It may have been deleted.');

/** @throws forbidden, not_found (also for deleted ones and those of other organizations) */
export async function getCadence(tx: OrgTx, actor: Actor, cadenceId: string): Promise<CadenceItem> {
	requirePermission(actor, 'cadences.view');
	if (!uuid.test(cadenceId)) throw noCadence();
	const [cadence] = await readCadences(tx, sql`c.id = ${cadenceId}`);
	if (!cadence) throw noCadence();
	return cadence;
}
