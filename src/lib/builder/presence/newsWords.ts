import type { CadenceNews } from '#lib/collab/cadenceNews.ts';
import { assertNever } from '#lib/domain/errors.ts';

/** COL-1: what somebody did to the cadence that others have open. */
export function newsWords({ what, version, by }: CadenceNews): string {
	switch (what) {
		case 'published':
			return `${by.name} published version ${version ?? ''}`.trim();
		case 'activated':
			return `${by.name} activated this cadence`;
		case 'deactivated':
			return `${by.name} deactivated this cadence`;
		case 'renamed':
			return `${by.name} renamed this cadence`;
		case 'restored':
			return `${by.name} put version ${version ?? ''} back into the draft`;
		default:
			return assertNever(what);
	}
}
