import type { PlanAction } from '#lib/domain/plan/plan.ts';
import type { DraftNodeOf } from '#lib/domain/cadence/draft.ts';
import type { Simulation } from '#lib/domain/simulator/simulation.ts';
import { dueRuleAt } from '#lib/domain/time/addDelay.ts';
import type { Names } from '../words/nodeWords.ts';
import { ownerWords, tagWords, updateWords } from '../words/extraWords.ts';
import { recordTime } from './recordTime.ts';

type Clock = Pick<Simulation, 'facts' | 'calendar' | 'outbox'>;

/** What an executed action does besides its text: when a task is due, what a field becomes, when a message may leave. */
export function doesWords(
	action: PlanAction,
	at: number,
	{ facts, calendar, outbox }: Clock,
	names: Names
): string {
	const zone = facts.timeZone;
	const due = (rule: DraftNodeOf<'task'>['due']) => recordTime(dueRuleAt(at, rule, zone, calendar), zone);
	switch (action.kind) {
		case 'task':
			return `Due ${due(action.config.due)}`;
		case 'call':
			return `Starts ${due(action.config.start)}`;
		case 'email':
		case 'whatsapp':
			return outbox?.actionId === action.id && outbox.notBefore > at
				? `Waits for the sending window until ${recordTime(outbox.notBefore, zone)}`
				: '';
		case 'updateField':
			return updateWords(action.config, names.publish) ?? '';
		case 'tags':
			return tagWords(action.config) ?? '';
		case 'changeOwner':
			return ownerWords(action.config.owner, names.publish) ?? '';
		case 'webhook':
			return 'Nothing is called from here';
		case 'enroll':
			return 'Nobody is enrolled from here';
	}
}
