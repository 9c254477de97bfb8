import type { Actor } from '#lib/domain/access/actor.ts';
import type { OrgTx } from '#lib/server/db/client.ts';
import type { DomainErrorCode } from '#lib/domain/errors.ts';

declare global {
	namespace App {
		interface Error {
			message: string;
			code?: DomainErrorCode | 'internal';
			/** JSON pointer to the offending value. */
			pointer?: string;
			details?: unknown;
			/** Names the log line of an unexpected error. */
			requestId?: string;
		}
		interface PageData {
			/** Where I am, outermost first; the last one is also the window's title. */
			breadcrumb?: { label: string; href?: string | undefined }[];
		}
		interface Locals {
			/** Who asks, with the permissions of this very moment; null when nobody is signed in. */
			actor: Actor | null;
			session: { id: string; expiresAt: Date; fresh: boolean } | null;
			/** Runs `fn` in a transaction bound to the actor's organization; throws `unauthenticated` without one. */
			withOrg: <T>(fn: (tx: OrgTx) => Promise<T>) => Promise<T>;
			requestId: string;
		}
	}
}

export {};
