import { deltasOf } from '#lib/domain/enrollment/deltas.ts';
import type { EventKind } from '#lib/domain/enrollment/events.ts';
import type { Run } from '#lib/domain/enrollment/state.ts';
import { localDate } from '#lib/domain/time/zone.ts';
import type { Ending } from '../enrollments/endRuns.ts';
import type { EnrollmentRow } from './enrollmentRow.ts';
import type { ExtraWork } from './extraWork.ts';

/** Rows as they are written by `writeBatch`; instants are ISO texts. */
export type ActionRunRow = {
	org: string;
	id: string;
	enrollment: string;
	run: number;
	action: string;
	kind: string;
	status: 'queued' | 'executed' | 'skipped' | 'failed';
	reason: string | null;
	variant: string | null;
	executedAt: string | null;
	/** `arrayText` of event keys. */
	seen: string;
};
export type MessageRow = {
	org: string;
	id: string;
	channel: 'email' | 'whatsapp';
	actionRun: string;
	enrollment: string;
	run: number;
	action: string;
	cadence: string;
	record: string;
	template: string | null;
	variant: string | null;
	sender: string | null;
	to: string;
	/** JSON. */
	settings: string;
};
export type ActivityRow = {
	org: string;
	id: string;
	kind: 'task' | 'call';
	record: string;
	owner: string;
	subject: string;
	description: string;
	status: string;
	priority: string;
	phone: string | null;
	dueAt: string;
	remindAt: string | null;
	enrollment: string;
	run: number;
	action: string;
};
export type EventRow = {
	orgId: string;
	at: string;
	cadenceId: string;
	versionId: string;
	enrollmentId: string;
	runNo: number;
	recordId: string;
	actionId: string | null;
	followUp: number | null;
	depthBefore: number;
	kind: EventKind;
	detail: string | null;
	first: boolean;
	machine: boolean;
	late: boolean;
	actorId: string | null;
	enrolledDay: string;
	day: string;
	data: Record<string, unknown> | null;
};
/** A change of an action_run that exists: its message was handed over, or it had an event. */
export type ActionRunChange = {
	org: string;
	enrollment: string;
	run: number;
	action: string;
	status: 'executed' | 'skipped' | 'failed' | null;
	reason: string | null;
	executedAt: string | null;
	seen: string;
};
export type EnrollmentChange = {
	row: EnrollmentRow;
	run: Run;
	/** What the next branch leads to. */
	nextActionId: string | null;
	followUp: number;
	lastResponse: string | null;
	lastResponseAt: string | null;
};

/** Everything one pass writes, gathered in memory and written by a handful of statements. */
export type StepBatch = {
	now: number;
	actionRuns: ActionRunRow[];
	actionRunChanges: ActionRunChange[];
	messages: MessageRow[];
	activities: ActivityRow[];
	events: EventRow[];
	changes: EnrollmentChange[];
	endings: Ending[];
	/** GRA-8: null while no run has any. */
	extras: ExtraWork[] | null;
};

export const newBatch = (now: number): StepBatch => ({
	now,
	actionRuns: [],
	actionRunChanges: [],
	messages: [],
	activities: [],
	events: [],
	changes: [],
	endings: [],
	extras: null
});

const texts = new Map<number, string>();

/** Most instants of a batch are one and the same, and half a microsecond each adds up. */
export function iso(at: number): string {
	let text = texts.get(at);
	if (text === undefined) {
		text = new Date(at).toISOString();
		if (texts.size > 5000) texts.clear();
		texts.set(at, text);
	}
	return text;
}

type Said =
	'actionId' | 'followUp' | 'depthBefore' | 'detail' | 'first' | 'machine' | 'late' | 'actorId' | 'data';

/** One line of the log, dated in the org's zone. Written field by field: spreading would be its greatest cost. */
export function addEvent(
	batch: StepBatch,
	row: EnrollmentRow,
	zone: string,
	event: Partial<Pick<EventRow, Said>> & { kind: EventKind; atMs?: number }
): void {
	const at = event.atMs ?? batch.now;
	batch.events.push({
		orgId: row.org_id,
		at: iso(at),
		cadenceId: row.cadence_id,
		versionId: row.version_id,
		enrollmentId: row.id,
		runNo: row.run_no,
		recordId: row.record_id,
		actionId: event.actionId ?? null,
		followUp: event.followUp ?? null,
		depthBefore: event.depthBefore ?? 0,
		kind: event.kind,
		detail: event.detail ?? null,
		first: event.first ?? true,
		machine: event.machine ?? false,
		late: event.late ?? false,
		actorId: event.actorId ?? null,
		enrolledDay: localDate(zone, row.enrolled_at),
		day: localDate(zone, at),
		data: event.data ?? null
	});
}

export const deltaRows = (batch: StepBatch) => deltasOf(batch.events);
