import type { z } from 'zod';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requirePermission } from '#lib/domain/access/permissions.ts';
import type { OrgTx } from '../db/client.ts';
import { classifyEnded, isRestartOnly, type ReenrollSkip, type RestartOnly } from './classifyEnded.ts';
import { requireCadence } from './requireCadence.ts';
import { cadencesOf, resolveRuns, runSelectionSchema } from './resolveRuns.ts';

export type ReenrollPreview = {
	total: number;
	/** Can go on where they stopped, or are paused by a person; they can be restarted too unless paused. */
	resume: number;
	/** Of `resume`: those that are only paused. */
	paused: number;
	restartOnly: { count: number; reasons: Partial<Record<RestartOnly, number>> };
	neither: { count: number; reasons: Partial<Record<ReenrollSkip, number>> };
};

const chunk = 5_000;

/** REE-2: how many can resume, how many only restart, and how many neither, with the reasons. Changes nothing. */
export async function previewReenroll(
	tx: OrgTx,
	actor: Actor,
	input: z.input<typeof runSelectionSchema>
): Promise<ReenrollPreview> {
	requirePermission(actor, 'cadences.enroll');
	const ids = await resolveRuns(tx, actor, runSelectionSchema.parse(input));
	const preview: ReenrollPreview = {
		total: ids.length,
		resume: 0,
		paused: 0,
		restartOnly: { count: 0, reasons: {} },
		neither: { count: 0, reasons: {} }
	};
	for (let at = 0; at < ids.length; at += chunk) {
		const part = ids.slice(at, at + chunk);
		for (const cadenceId of await cadencesOf(tx, actor.orgId, part)) {
			const cadence = await requireCadence(tx, actor, cadenceId);
			for (const { outcome } of await classifyEnded(tx, cadence, part)) {
				if (outcome === 'resume' || outcome === 'unpause') preview.resume++;
				if (outcome === 'unpause') preview.paused++;
				if (outcome === 'resume' || outcome === 'unpause') continue;
				if (isRestartOnly(outcome)) count(preview.restartOnly, outcome);
				else count(preview.neither, outcome);
			}
		}
	}
	return preview;
}

function count<K extends string>(sum: { count: number; reasons: Partial<Record<K, number>> }, reason: K) {
	sum.count++;
	sum.reasons[reason] = (sum.reasons[reason] ?? 0) + 1;
}
