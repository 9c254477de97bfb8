import { hash } from 'node:crypto';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { canonicalJson } from '#lib/domain/plan/canonicalJson.ts';
import { withoutLooks } from '#lib/domain/plan/diffDrafts.ts';

/** VER-6: sha256 (hex) of what a draft does: equal for two drafts exactly when they do not differ. */
export const hashDraft = ({ settings, nodes, edges }: Draft): string =>
	hash(
		'sha256',
		canonicalJson({ settings, edges, nodes: Object.values(nodes).map(withoutLooks).sort(byId) })
	);

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
