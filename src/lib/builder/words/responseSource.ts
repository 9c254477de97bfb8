import type { ConditionCase, DraftNode, DraftNodeOf, NodeKind } from '#lib/domain/cadence/draft.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';

/** What says a response: the kind of its step, and the names behind its cases and links. */
export type ResponseSource = {
	kind: NodeKind;
	cases?: readonly Pick<ConditionCase, 'id' | 'label'>[];
	/** By place, the first is 0; of the template, or of the first variant that has as many. */
	links?: readonly string[];
};

export function responseSource(
	node: DraftNode | undefined,
	publish: Pick<PublishContext, 'templates'>
): ResponseSource | undefined {
	if (!node) return undefined;
	if (node.kind === 'condition') return { kind: node.kind, cases: node.cases };
	return node.kind === 'email' ? { kind: node.kind, links: linkWords(node, publish) } : { kind: node.kind };
}

/** GRA-6: the links of an e-mail as people recognize them: what is read on them, else where they lead. */
export function linkWords(
	node: DraftNodeOf<'email'>,
	{ templates }: Pick<PublishContext, 'templates'>
): string[] {
	const ids = [node.templateId, ...(node.variants ?? []).map(({ templateId }) => templateId)];
	const words: string[] = [];
	for (const id of ids) {
		const template = templates.find((candidate) => candidate.id === id);
		template?.links.forEach((link, place) => {
			words[place] ??= template.linkTexts?.[place] || addressWords(link);
		});
	}
	return words;
}

const addressWords = (link: string): string => link.replace(/^https?:\/\/(www\.)?/i, '').replace(/\/$/, '');
