import type { ResponseKind } from '#lib/domain/cadence/responses.ts';
import { immediately, type Delay } from '#lib/domain/time/delay.ts';

const days = (amount: number): Delay => ({ amount, unit: 'days' });
const defaults: Partial<Record<ResponseKind | 'entry', Delay>> = {
	sent: days(3),
	created: days(2),
	delivered: days(2),
	opened: days(1),
	clicked: days(1),
	read: days(1),
	notOpened: days(3),
	notClicked: days(3),
	notReplied: days(3),
	notDelivered: days(1),
	notRead: days(2),
	notLogged: days(2),
	notCompleted: days(3)
};

/** What most people want after a response; shown on the branch at once and changed with one click. */
export const defaultDelay = (response: string): Delay => defaults[response as ResponseKind] ?? immediately;
