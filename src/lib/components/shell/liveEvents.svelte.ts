import { liveEventSchema, type CallDue, type LiveEvent } from '#lib/domain/liveEvents.ts';

type Listener = (event: LiveEvent) => void;

/** The page's one stream of `/events`. The browser reconnects by itself; a missed event is made good at the next load. */
export class LiveEvents {
	due = $state(0);
	unread = $state(0);
	/** Calls that rang and were neither logged nor put off yet, oldest first. */
	calls = $state.raw<readonly CallDue[]>([]);
	#listeners: readonly Listener[] = [];

	/** Opens the stream; returns the function that closes it. */
	connect(): () => void {
		const source = new EventSource('/events');
		source.onmessage = ({ data }) => {
			if (typeof data === 'string') this.receive(data);
		};
		return () => source.close();
	}

	receive(data: string): void {
		const parsed = liveEventSchema.safeParse(readJson(data));
		// An unknown kind comes from a newer server: the page is merely older.
		if (!parsed.success) return;
		const event = parsed.data;
		if (event.kind === 'counts') {
			this.due = event.due ?? this.due;
			this.unread = event.unread ?? this.unread;
		} else if (event.kind === 'notification') this.unread += 1;
		else this.calls = [...this.calls.filter((call) => call.activityId !== event.activityId), event];
		for (const listener of this.#listeners) listener(event);
	}

	dismissCall(activityId: string): void {
		this.calls = this.calls.filter((call) => call.activityId !== activityId);
	}

	/** Calls `listener` for each event until the returned function is called. */
	listen(listener: Listener): () => void {
		this.#listeners = [...this.#listeners, listener];
		return () => {
			this.#listeners = this.#listeners.filter((other) => other !== listener);
		};
	}
}

function readJson(data: string): unknown {
	try {
		return JSON.parse(data);
	} catch {
		return null;
	}
}
