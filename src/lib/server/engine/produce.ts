import type { ExtraAction } from '#lib/domain/cadence/responses.ts';
import type { PlanAction, PlanActionOf } from '#lib/domain/plan/plan.ts';
import { newId } from '../db/id.ts';
import { causeOf } from '../records/auditRecords.ts';
import type { EventNote, ExtraWork } from './extraWork.ts';
import { makeActivity, makeMessage, makeReview } from './makeEffect.ts';
import type { EventData, Step } from './recordStep.ts';
import type { StepBatch } from './stepBatch.ts';

/** What the action leaves behind. @returns what its event says of it */
export function produce(
	batch: StepBatch,
	step: Step,
	action: PlanAction,
	due: NonNullable<Step['due']>,
	id: string
): EventData {
	switch (action.kind) {
		case 'task':
		case 'call':
			batch.activities.push(makeActivity(step.row, action, due, step.cadence, id, batch.now));
			return null;
		case 'email':
		case 'whatsapp': {
			const message = makeMessage(step.row, action, due.prepared, step.plan, id);
			batch.messages.push(message);
			const { extra, ownerId } = due.prepared;
			if (extra?.kind === 'review')
				addExtra(batch, {
					kind: 'review',
					org: message.org,
					messageId: message.id,
					activity: makeReview(step.row, extra.subject, ownerId, message, batch.now)
				});
			return null;
		}
		default:
			return produceExtra(batch, step, action, due, id);
	}
}

/** Host and port, as far as they can be read. */
export const receiverOf = (url: string): string => (URL.canParse(url.trim()) ? new URL(url.trim()).host : '');

const addExtra = (batch: StepBatch, work: ExtraWork) => (batch.extras ??= []).push(work);

function produceExtra(
	batch: StepBatch,
	{ row }: Step,
	action: PlanActionOf<ExtraAction>,
	{ prepared: { extra } }: NonNullable<Step['due']>,
	id: string
): EventData {
	if (action.kind === 'webhook') {
		const { org_id: org, id: enrollment, run_no: run, cadence_id: cadence, record_id: record } = row;
		addExtra(batch, {
			kind: 'webhook',
			row: {
				org,
				id: newId(),
				actionRun: id,
				enrollment,
				run,
				action: action.id,
				cadence,
				record,
				receiver: receiverOf(action.config.url)
			}
		});
		return null;
	}
	if (extra?.kind === 'enroll') {
		const note: EventNote = { cadenceId: action.kind === 'enroll' ? action.config.cadenceId : null };
		addExtra(batch, { ...extra, orgId: row.org_id, recordId: row.record_id, note });
		return note;
	}
	if (extra?.kind !== 'change') throw new Error(`Nothing was prepared for ${action.kind}.`);
	const cause = causeOf(row, action.id);
	addExtra(batch, { ...extra, orgId: row.org_id, cause });
	return { set: { ...extra.data, ...extra.system } };
}
