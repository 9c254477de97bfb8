import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { notifyCadence } from '#lib/server/collab/notify.ts';
import { replaceDocument } from '#lib/server/collab/replaceDocument.ts';
import { writeAudit } from '../audit.ts';
import type { OrgTx } from '../db/client.ts';
import { cadenceVersions } from '../db/schema/cadences.ts';
import { lockCadence } from './lockCadence.ts';

export const restoreSchema = z.object({
	cadenceId: z.uuid(),
	/** Without one the live version: "discard draft". */
	versionId: z.uuid().optional()
});

/**
 * VER-6: a version becomes the draft, under a new document generation; the live version and its runs are untouched.
 * @throws forbidden, not_found, invalid (nothing was ever published)
 */
export async function restoreVersion(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof restoreSchema>
): Promise<{ n: number }> {
	requirePermission(actor, 'cadences.manage');
	const { cadenceId, versionId } = restoreSchema.parse(input);
	const cadence = await lockCadence(tx, actor, cadenceId);
	const wanted = versionId ?? cadence.activeVersionId;
	if (wanted === null)
		throw new DomainError(
			'invalid',
			'This cadence was never published, so there is no version to go back to.'
		);
	const [version] = await tx
		.select({ n: cadenceVersions.n, graph: cadenceVersions.graph })
		.from(cadenceVersions)
		.where(
			and(
				eq(cadenceVersions.orgId, actor.orgId),
				eq(cadenceVersions.cadenceId, cadenceId),
				eq(cadenceVersions.id, wanted)
			)
		);
	if (!version) throw new DomainError('not_found', 'There is no such version of this cadence.');
	// Before the pages are told that their document is gone.
	await notifyCadence(tx, actor, cadenceId, { what: 'restored', version: version.n });
	await replaceDocument(tx, actor.orgId, cadenceId, version.graph, actor.userId);
	await writeAudit(tx, actor, {
		action: 'cadence.restore',
		objectType: 'cadence',
		objectId: cadenceId,
		after: { version: version.n }
	});
	return { n: version.n };
}
