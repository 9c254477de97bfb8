import type { Plan, PlanAction } from '#lib/domain/plan/plan.ts';
import { dueRuleAt } from '#lib/domain/time/addDelay.ts';
import { MINUTE } from '#lib/domain/time/zone.ts';
import { storable } from '../channels/storableText.ts';
import { newId } from '../db/id.ts';
import type { CadenceContext } from './cadenceContext.ts';
import type { DueRun } from './dueRow.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import { iso, type ActivityRow, type MessageRow } from './stepBatch.ts';
import { variantOf } from './variant.ts';
import type { Prepared } from './verdict.ts';

type Message = Extract<PlanAction, { kind: 'email' | 'whatsapp' }>;
type Activity = Extract<PlanAction, { kind: 'task' | 'call' }>;

/** GRA-8: the outbox row; its text is rendered at hand-over from the newest template (VER-3). */
export function makeMessage(
	row: EnrollmentRow,
	action: Message,
	prepared: Pick<Prepared, 'address' | 'senderId'>,
	plan: Plan,
	actionRun: string
): MessageRow {
	if (prepared.address === null) throw new Error('A message needs an address.');
	const variant = variantOf(row, action);
	return {
		org: row.org_id,
		id: newId(),
		channel: action.kind,
		actionRun,
		enrollment: row.id,
		run: row.run_no,
		action: action.id,
		cadence: row.cadence_id,
		record: row.record_id,
		template: (variant ?? action.config).templateId,
		variant: variant?.id ?? null,
		sender: prepared.senderId,
		to: prepared.address,
		settings: JSON.stringify(
			action.kind === 'email'
				? {
						replyTo: action.config.replyTo,
						threaded: action.config.threaded,
						trackOpens: plan.settings.trackOpens,
						trackClicks: plan.settings.trackClicks
					}
				: { variables: action.config.variables }
		)
	};
}

/** GRA-8: a task is due, a call starts, by its rule from the moment of execution. */
export function makeActivity(
	row: EnrollmentRow,
	action: Activity,
	due: { run: DueRun; prepared: Prepared },
	cadence: CadenceContext,
	actionRun: string,
	now: number
): ActivityRow {
	const { config } = action;
	if (due.prepared.ownerId === null) throw new Error('An activity needs an owner.');
	const rule = action.kind === 'task' ? action.config.due : action.config.start;
	const dueAt = dueRuleAt(now, rule, due.run.record.timeZone, cadence.calendar);
	const text = due.run.texts;
	return {
		org: row.org_id,
		id: actionRun,
		kind: action.kind,
		record: row.record_id,
		owner: due.prepared.ownerId,
		subject: text?.subject ?? config.subject,
		description:
			text?.description ?? (action.kind === 'task' ? action.config.description : action.config.agenda),
		status: action.kind === 'task' ? 'Not started' : 'Scheduled',
		priority: action.kind === 'task' ? action.config.priority : 'Normal',
		phone: action.kind === 'call' ? due.prepared.address : null,
		dueAt: iso(dueAt),
		remindAt: config.reminder === null ? null : iso(dueAt - config.reminder * MINUTE),
		enrollment: row.id,
		run: row.run_no,
		action: action.id
	};
}

/** GRA-8 [+]: shows a held e-mail to its reviewer: completing it lets the e-mail go. */
export function makeReview(
	row: EnrollmentRow,
	subject: string,
	ownerId: string | null,
	message: Pick<MessageRow, 'actionRun' | 'action'>,
	now: number
): ActivityRow {
	if (ownerId === null) throw new Error('A review needs a reviewer.');
	return {
		org: row.org_id,
		id: message.actionRun,
		kind: 'task',
		record: row.record_id,
		owner: ownerId,
		subject: storable(`Review e-mail: ${subject}`, 250),
		description: 'The e-mail is sent when this task is completed.',
		status: 'Not started',
		priority: 'Normal',
		phone: null,
		dueAt: iso(now),
		remindAt: iso(now),
		enrollment: row.id,
		run: row.run_no,
		action: message.action
	};
}
