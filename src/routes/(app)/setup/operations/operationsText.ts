import { formatNumber, plural } from '#lib/ui/plural.ts';
import type { Tone } from '#lib/ui/tone.ts';
import type { PageData } from './$types';

type Operations = PageData['operations'];
type Bounded = Operations['queues'][number]['waiting'];

/** "10,000+": a count that stopped at its cap. */
export const bounded = ({ n, cut }: Bounded): string => `${formatNumber(n)}${cut ? '+' : ''}`;

/** A rate people can compare: one digit below ten. */
export const rate = (perMinute: number): string =>
	perMinute >= 10 || perMinute === 0 ? formatNumber(Math.round(perMinute)) : perMinute.toFixed(1);

/** "4 s", "12 min", "3 h": how late something is. */
export function lateness(since: Date | null, now: Date): string {
	if (!since) return '–';
	const seconds = Math.max(0, Math.round((+now - +since) / 1000));
	if (seconds < 120) return `${seconds} s`;
	if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
	return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

const lateMs = 60_000;

/** The page in one sentence: the worst first. */
export function headline(state: Operations): { tone: Tone; text: string } {
	const alive = state.workers.filter((worker) => worker.state === 'alive').length;
	if (!alive)
		return {
			tone: 'danger',
			text: 'No worker is running: nothing is executed or sent until one is started (node worker/main.ts).'
		};
	const oldest = state.cadences.reduce<Date | null>(
		(first, { oldestDueAt }) => (oldestDueAt && (!first || oldestDueAt < first) ? oldestDueAt : first),
		null
	);
	if (oldest && +state.at - +oldest > lateMs)
		return {
			tone: 'warning',
			text: `Work is late: the oldest has been due for ${lateness(oldest, state.at)}.`
		};
	if (state.setAside.length)
		return {
			tone: 'warning',
			text: `${plural(state.setAside.length, 'thing is', 'things are')} set aside after an error. Everything else is moving.`
		};
	if (state.paused.length)
		return {
			tone: 'warning',
			text: `${plural(state.paused.length, 'sender is', 'senders are')} paused. Everything else is moving.`
		};
	return { tone: 'success', text: `Everything is moving, with ${plural(alive, 'worker')}.` };
}

const queueNames: Readonly<Record<string, string>> = {
	responses: 'Responses to apply',
	changes: 'Record changes to look at',
	'email/queued': 'E-mails that wait',
	'email/claimed': 'E-mails being prepared',
	'email/sending': 'E-mails being handed over',
	'whatsapp/queued': 'WhatsApp messages that wait',
	'whatsapp/claimed': 'WhatsApp messages being prepared',
	'whatsapp/sending': 'WhatsApp messages being handed over',
	'webhook/queued': 'Webhook calls that wait',
	'webhook/claimed': 'Webhook calls under way'
};

/** Every queue, empty ones too: a list that changes its rows cannot be read while it moves. */
export const queuesOf = (state: Operations) =>
	Object.entries(queueNames).map(([name, label]) => {
		const queue = state.queues.find((one) => one.name === name);
		return {
			name,
			label,
			waiting: queue?.waiting ?? { n: 0, cut: false },
			due: queue?.due ?? 0,
			oldestAt: queue?.oldestAt ?? null
		};
	});
