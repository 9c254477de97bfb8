import type { Tone } from '#lib/ui/tone.ts';

type MessageFacts = {
	status: 'queued' | 'claimed' | 'sending' | 'sent' | 'failed' | 'unknown' | 'cancelled';
	openedAt?: unknown;
	clickedAt?: unknown;
	repliedAt?: unknown;
	bouncedAt?: unknown;
	deliveredAt?: unknown;
	readAt?: unknown;
};

/** The furthest thing that came of a message, as a badge. RELIABILITY.md 2.2: `unknown` is "Doubtful". */
export function messageLook(message: MessageFacts): { tone: Tone; label: string } {
	if (message.bouncedAt) return { tone: 'danger', label: 'Bounced' };
	if (message.repliedAt) return { tone: 'success', label: 'Replied' };
	if (message.clickedAt) return { tone: 'success', label: 'Clicked' };
	if (message.openedAt) return { tone: 'info', label: 'Opened' };
	if (message.readAt) return { tone: 'info', label: 'Read' };
	if (message.deliveredAt) return { tone: 'info', label: 'Delivered' };
	switch (message.status) {
		case 'queued':
			return { tone: 'neutral', label: 'Waiting' };
		case 'claimed':
		case 'sending':
			return { tone: 'info', label: 'Sending' };
		case 'sent':
			return { tone: 'info', label: 'Sent' };
		case 'failed':
			return { tone: 'danger', label: 'Failed' };
		case 'unknown':
			return { tone: 'warning', label: 'Doubtful' };
		case 'cancelled':
			return { tone: 'neutral', label: 'Withdrawn' };
	}
}
