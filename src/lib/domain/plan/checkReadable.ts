import type { Violation } from './plan.ts';
import { error } from './violation.ts';

/**
 * What a document holds but a draft cannot say (a value of the wrong kind, a text over its limit) falls back to a
 * default while people edit. Published like that it would do something nobody drew: each is an error.
 */
export const checkReadable = (dropped: readonly { path: string; reason: string }[]): Violation[] =>
	dropped.map(({ path, reason }) =>
		error(
			'draft.unreadable',
			placeOf(path),
			`A part of the draft cannot be read: ${reason} Set it again or remove it.`
		)
	);

function placeOf(path: string): Violation['at'] {
	const [, root, ...rest] = path.split('/');
	if (root === 'nodes' && rest[0]) return rest[1] ? { node: rest[0], field: rest[1] } : { node: rest[0] };
	if (root === 'settings' && rest.length) return { settings: rest.join('.') };
	// The key of a branch has slashes of its own.
	return root === 'edges' && rest.length ? { edge: rest.slice(0, 3).join('/') } : { cadence: true };
}
