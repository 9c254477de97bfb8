import type { EnrollSkip } from '../enrollments/enrollInput.ts';
import type { CheckedRecord } from '#lib/domain/crm/checkRecord.ts';
import type { ModuleDefinition } from '#lib/domain/crm/fields.ts';
import type { RecordRow } from '../records/recordRow.ts';
import type { CadenceContext } from './cadenceContext.ts';
import type { ActivityRow } from './stepBatch.ts';

/** GRA-8: a change of the run's own record, checked; the record is locked. */
type RecordChange = {
	module: ModuleDefinition;
	record: RecordRow;
	data: CheckedRecord['data'];
	system: CheckedRecord['system'];
};

/** GRA-8: an enrollment into another cadence, whose shared lock is held; `target` is null when nobody can come in. */
type CrossEnroll = { target: CadenceContext | null; outcome: EnrollSkip | 'ok' };

/** What a pass found out about an action that does more than the four channels do. */
export type PreparedExtra =
	| ({ kind: 'change' } & RecordChange)
	| ({ kind: 'enroll' } & CrossEnroll)
	| { kind: 'review'; subject: string };

type WebhookRow = {
	org: string;
	id: string;
	actionRun: string;
	enrollment: string;
	run: number;
	action: string;
	cadence: string;
	record: string;
	receiver: string;
};

/** What becomes of the action's event, filled in before it is written. */
export type EventNote = Record<string, unknown>;

/** Extra work of a batch: done only when a run of it has any. */
export type ExtraWork =
	| ({ kind: 'change'; orgId: string; cause: string } & RecordChange)
	| ({ kind: 'enroll'; orgId: string; recordId: string; note: EventNote } & CrossEnroll)
	| { kind: 'webhook'; row: WebhookRow }
	| { kind: 'review'; org: string; messageId: string; activity: ActivityRow };
