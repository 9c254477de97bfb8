import type { Draft } from '../../../src/lib/domain/cadence/draft.ts';
import type { Random } from '../../../src/lib/server/demo/random.ts';
import { draftOf, type Edge } from '../../support/draftOf.ts';

/** A chain of steps as it is drawn now; some are mails. */
export type Chain = { steps: { id: string; words: number; delay: number; there: boolean }[] };
type MailParts = { templateId: string; senderId: string };

const LENGTH = 12;
const MAIL_EVERY = 3;

export const newChain = (): Chain => ({
	steps: Array.from({ length: LENGTH }, (_, i) => ({
		id: `step${i}`,
		words: 0,
		delay: 1 + (i % 3),
		there: true
	}))
});

/** One edit: other words, another delay, a step taken out or put back. */
export function edit({ steps }: Chain, random: Random): void {
	const kind = random.int(0, 9);
	const later = steps.slice(1);
	// What is not there can only be put back.
	const step = random.pick(kind < 8 ? [steps[0]!, ...later.filter(({ there }) => there)] : later);
	if (kind < 4 || step === steps[0]) step.words++;
	else if (kind < 8) step.delay = (step.delay % 5) + 1;
	else step.there = !step.there;
}

export function draftOfChain({ steps }: Chain, { templateId, senderId }: MailParts): Draft {
	const there = steps.filter((step) => step.there);
	const isMail = (id: string) => Number(id.slice(4)) % MAIL_EVERY === MAIL_EVERY - 1;
	const nodes = Object.fromEntries(
		there.map(({ id, words }) => [
			id,
			isMail(id)
				? {
						kind: 'email',
						title: id,
						templateId,
						sender: { kind: 'sender', senderId },
						recipient: 'email',
						replyTo: words ? `r${words}@mail.example` : ''
					}
				: { kind: 'task', title: id, subject: `Look, ${words}` }
		])
	);
	const edges = there.slice(1).map(({ id, delay }, i): Edge => {
		const before = there[i]!.id;
		return [before, isMail(before) ? 'sent' : 'created', id, { amount: delay, unit: 'minutes' }];
	});
	return draftOf(nodes, [['start', 'entry', there[0]!.id], ...edges]);
}
