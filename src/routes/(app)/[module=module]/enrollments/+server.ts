import { json } from '@sveltejs/kit';
import { z } from 'zod';
import type { EnrollmentChoice, EnrollmentOutcome } from '#lib/components/enrollmentAnswers.ts';
import type { Actor } from '#lib/domain/access/actor.ts';
import { requireActor } from '#lib/server/auth/requireActor.ts';
import { listCadences } from '#lib/server/cadences/listCadences.ts';
import type { OrgTx } from '#lib/server/db/client.ts';
import { enrollRecords } from '#lib/server/enrollments/enrollRecords.ts';
import { previewEnroll } from '#lib/server/enrollments/previewEnroll.ts';
import { previewReenroll } from '#lib/server/enrollments/previewReenroll.ts';
import { restartEnrollments } from '#lib/server/enrollments/restartEnrollments.ts';
import { resumeEnrollments } from '#lib/server/enrollments/resumeEnrollments.ts';
import { unenrollRecords } from '#lib/server/enrollments/unenrollRecords.ts';
import { readBody } from '#lib/server/readBody.ts';
import { countRuns } from '#lib/server/records/countRuns.ts';
import { selectionSchema } from '../selectionSchema.ts';
import type { RequestHandler } from './$types';
import { skipList } from './skipWords.ts';

const actions = z.enum(['enroll', 'unenroll', 'reenroll']);
const body = z.object({
	action: actions,
	cadenceId: z.uuid(),
	selection: selectionSchema,
	mode: z.enum(['resume', 'restart']).default('restart'),
	reason: z.string().max(200).default(''),
	/** ENR-8: the action to start at, when enrolling or restarting. */
	startAt: z.string().max(40).nullable().default(null),
	dryRun: z.boolean().default(false)
});
type Input = z.infer<typeof body> & { moduleKey: string };

/** ENR-1: the published cadences of the module that the action may name; unusable ones say why. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
	const actor = requireActor(locals);
	const action = actions.catch('enroll').parse(url.searchParams.get('action'));
	const cadences = await locals.withOrg((tx) => listCadences(tx, actor, { moduleKey: params.module }));
	const choices = cadences
		.filter(
			({ state, enrollmentKind }) => state !== 'draft' && (action !== 'enroll' || enrollmentKind === 'manual')
		)
		.map(({ id, name, state }): EnrollmentChoice => {
			const inactive = state === 'inactive' && action !== 'unenroll';
			return { id, name, disabledReason: inactive ? 'Inactive: activate the cadence first' : null };
		});
	return json(choices);
};

export const POST: RequestHandler = async ({ locals, params, request }) => {
	const actor = requireActor(locals);
	const input = { ...(await readBody(request, body)), moduleKey: params.module };
	return json(await locals.withOrg((tx) => act(tx, actor, input)));
};

async function act(tx: OrgTx, actor: Actor, input: Input): Promise<EnrollmentOutcome> {
	switch (input.action) {
		case 'enroll':
			return enroll(tx, actor, input);
		case 'unenroll':
			return unenroll(tx, actor, input);
		case 'reenroll':
			return reenroll(tx, actor, input);
	}
}

const asRecords = (selection: Input['selection']) =>
	'ids' in selection ? { ids: selection.ids } : { filter: selection.all };

async function enroll(tx: OrgTx, actor: Actor, input: Input): Promise<EnrollmentOutcome> {
	const { cadenceId, selection, startAt } = input;
	const wanted = { cadenceId, records: asRecords(selection), startAt };
	if (input.dryRun) {
		const { enrolled, skipped } = await previewEnroll(tx, actor, wanted);
		return { count: enrolled, skipped: skipList(skipped) };
	}
	const outcome = await enrollRecords(tx, actor, wanted);
	if (outcome.kind === 'background') return { count: outcome.total, skipped: [], taskId: outcome.taskId };
	return { count: outcome.result.enrolled, skipped: skipList(outcome.result.skipped) };
}

async function unenroll(tx: OrgTx, actor: Actor, input: Input): Promise<EnrollmentOutcome> {
	const { cadenceId, selection, moduleKey, reason } = input;
	if (input.dryRun) {
		const { live, selected } = await countRuns(tx, actor, input);
		return { count: live, skipped: [{ reason: 'not in this cadence now', count: selected - live }] };
	}
	const target = { moduleKey, records: asRecords(selection) };
	const outcome = await unenrollRecords(tx, actor, { cadenceId, target, reason });
	if (outcome.kind === 'background') return { count: outcome.total, skipped: [], taskId: outcome.taskId };
	return { count: outcome.unenrolled, skipped: [] };
}

/** REE-2: resume where they stopped, or restart; the preview says how many of each. */
async function reenroll(tx: OrgTx, actor: Actor, input: Input): Promise<EnrollmentOutcome> {
	const { cadenceId, moduleKey, selection, mode, startAt } = input;
	const runs = { cadenceId, moduleKey, records: asRecords(selection) };
	if (input.dryRun) {
		const { never } = await countRuns(tx, actor, input);
		const { resume, paused, restartOnly, neither } = await previewReenroll(tx, actor, runs);
		const onlyRestart = mode === 'resume' ? restartOnly.reasons : {};
		return {
			count: resume - paused + restartOnly.count,
			resumable: resume,
			skipped: [
				{ reason: 'never were in this cadence: use Enroll', count: never },
				...skipList({ ...neither.reasons, ...onlyRestart })
			]
		};
	}
	const outcome =
		mode === 'resume'
			? await resumeEnrollments(tx, actor, runs)
			: await restartEnrollments(tx, actor, { ...runs, startAt });
	if (outcome.kind === 'background') return { count: outcome.total, skipped: [], taskId: outcome.taskId };
	const count = 'resumed' in outcome ? outcome.resumed : outcome.restarted;
	return { count, skipped: skipList(outcome.skipped) };
}
