import { DomainError } from '#lib/domain/errors.ts';
import type { OrgTx } from '../db/client.ts';
import { loadCadences, type CadenceContext } from '../engine/cadenceContext.ts';

/** A published cadence of the organization. @throws not_found, invalid (never published) */
export async function requireCadence(
	tx: OrgTx,
	{ orgId }: { orgId: string },
	cadenceId: string
): Promise<CadenceContext> {
	const cadence = (await loadCadences(tx, [{ orgId, cadenceId }])).get(cadenceId);
	if (!cadence || cadence.deleted)
		throw new DomainError('not_found', 'There is no such cadence.', '/cadenceId');
	if (!cadence.plan)
		throw new DomainError(
			'invalid',
			'This cadence was never published. Open it, publish it, then enroll records.',
			'/cadenceId'
		);
	return cadence;
}
