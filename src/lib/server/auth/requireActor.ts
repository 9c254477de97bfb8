import type { Actor } from '#lib/domain/access/actor.ts';
import { DomainError } from '#lib/domain/errors.ts';

/** The signed-in actor of a request; throws `unauthenticated` without one. */
export function requireActor(locals: { actor: Actor | null }): Actor {
	if (!locals.actor) throw new DomainError('unauthenticated', 'Sign in to go on.');
	return locals.actor;
}
