import { formatNumber, plural } from '#lib/ui/plural.ts';
import type { PublishPreview } from './publishCalls.ts';

/** VER-5: whom "Enroll them" would enroll, so that nobody fears for those who were in before (ENR-4). */
export function existingWords({ matching, joining }: Pick<PublishPreview, 'matching' | 'joining'>): string {
	if (matching === null || joining === null) return 'Everything that matches, and what comes later.';
	if (joining === matching) return `${plural(matching, 'record')} now, and what comes later.`;
	const others = 'The others were in before, or would be un-enrolled at once.';
	if (joining === 0)
		return `None of the ${formatNumber(matching)} now: they were in before, or would be un-enrolled at once.`;
	return `${formatNumber(joining)} of ${plural(matching, 'record')} now, and what comes later. ${others}`;
}
