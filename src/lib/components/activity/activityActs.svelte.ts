import { toast } from 'svelte-sonner';
import { goto } from '$app/navigation';
import { sendActivity, type ActivityCommand } from './sendActivity.ts';

/** An open task or call, as far as acting on it needs to know. */
export type OpenActivity = {
	id: string;
	kind: 'task' | 'call';
	subject: string;
	status: string;
	dueAt: Date | null;
	recordName: string;
	/** GRA-8: it holds an e-mail that is looked at before it is let go. */
	review: boolean;
};

export type AskedActivity = { ask: 'logCall' | 'reschedule' | 'cancel' | 'delete'; item: OpenActivity };

/** CRM-9: what a person does with tasks and calls, the same in the queue, the calendar and on the record. */
export class ActivityActs {
	/** The question that is open. */
	asked = $state.raw<AskedActivity | null>(null);
	/** Done here, still on its way out: it leaves the list at once. */
	gone = $state.raw<readonly string[]>([]);
	readonly #onDone: () => Promise<unknown>;

	constructor(onDone: () => Promise<unknown>) {
		this.#onDone = onDone;
	}

	ask(ask: AskedActivity['ask'], item: OpenActivity) {
		this.asked = { ask, item };
	}

	/** The one thing that is to be done with it: log, look at, or complete. */
	async finish(item: OpenActivity) {
		if (item.kind === 'call') this.ask('logCall', item);
		else if (item.review) await goto(`/work/review/${item.id}`);
		else await this.#leave(item, { action: 'complete' }, `"${item.subject}" completed.`);
	}

	async setStatus(item: OpenActivity, status: string) {
		const command = { action: 'status', status } as const;
		if (status === 'Completed') await this.#leave(item, command, `"${item.subject}" completed.`);
		else await this.tell(item, command, `"${item.subject}" is ${status.toLowerCase()}.`);
	}

	/** To another time, in `words`; Undo brings it back to where it was. */
	async move(item: OpenActivity, dueAt: string, words: string) {
		const before = item.dueAt?.toISOString();
		const problem = await sendActivity(item.id, { action: 'reschedule', dueAt });
		if (problem) toast.error(problem);
		else
			toast.success(`"${item.subject}" is due ${words}.`, {
				...(before && { action: { label: 'Undo', onClick: () => void this.#moveBack(item, before) } })
			});
		await this.#onDone();
	}

	#moveBack = (item: OpenActivity, dueAt: string) =>
		this.tell(item, { action: 'reschedule', dueAt }, `"${item.subject}" is due when it was.`);

	/** Says it to the server; the problem as a toast. */
	async tell(item: OpenActivity, command: ActivityCommand, done: string): Promise<boolean> {
		const problem = await sendActivity(item.id, command);
		if (problem) toast.error(problem);
		else toast.success(done);
		await this.#onDone();
		return !problem;
	}

	done = () => this.#onDone();

	async #leave(item: OpenActivity, command: ActivityCommand, done: string) {
		this.gone = [...this.gone, item.id];
		const problem = await sendActivity(item.id, command);
		if (problem) {
			this.#back(item);
			toast.error(problem);
			return;
		}
		toast.success(done, {
			action: { label: 'Undo', onClick: () => void this.#reopen(item) }
		});
		await this.#onDone();
	}

	/** GRA-6: a correction before the branch is due replaces it. */
	async #reopen(item: OpenActivity) {
		this.#back(item);
		await this.tell(item, { action: 'status', status: item.status }, `"${item.subject}" is open again.`);
	}

	#back(item: OpenActivity) {
		this.gone = this.gone.filter((id) => id !== item.id);
	}
}

/** What `finish` is called on a button. */
export const finishVerb = (item: Pick<OpenActivity, 'kind' | 'review'>): string =>
	item.kind === 'call' ? 'Log call' : item.review ? 'Review' : 'Complete';
