import type { Draft, DraftEdge, DraftNode, NodeKind } from '#lib/domain/cadence/draft.ts';
import { diffDrafts } from '#lib/domain/plan/diffDrafts.ts';
import { startNodeId } from '#lib/domain/cadence/responses.ts';
import { delayWords } from '../words/delayWords.ts';
import { nodeWords, type Names } from '../words/nodeWords.ts';
import { responseSource } from '../words/responseSource.ts';
import { edgeResponseWords, isNegative } from '../words/responseWords.ts';
import { fieldWords, settingLabel, settingWords } from './fieldWords.ts';
import type { FieldNames } from './fieldWords.ts';

export type ChangeKind = 'added' | 'changed' | 'removed';
export type FieldChange = { label: string; before: string; after: string };

/** One change between two drafts, in words. `path` is what authors are known by. */
export type ChangeEntry = {
	path: string;
	change: ChangeKind;
	/** Where the canvas goes to; null: the settings. */
	at: { node: string } | { edge: string } | null;
	kind: NodeKind | null;
	title: string;
	/** Field by field; empty for what was added or removed as a whole. */
	fields: FieldChange[];
};

/** VER-2, VER-6: everything that differs, steps from top to bottom, then branches, then settings. */
export function changeEntries(before: Draft | null, after: Draft, names: FieldNames): ChangeEntry[] {
	const { nodes, branches, settings } = diffDrafts(before, after);
	const nodeOf = (id: string): DraftNode | undefined => after.nodes[id] ?? before?.nodes[id];
	const steps: ChangeEntry[] = [
		...nodes.added.map(({ id }) => ({ id, change: 'added' as const, fields: [] })),
		...nodes.changed.map(({ id, fields }) => ({ id, change: 'changed' as const, fields })),
		...nodes.removed.map(({ id }) => ({ id, change: 'removed' as const, fields: [] }))
	]
		.filter(({ id }) => id !== startNodeId)
		.sort((a, b) => byPlace(nodeOf(a.id), nodeOf(b.id)))
		.map(({ id, change, fields }) => {
			const node = nodeOf(id);
			return {
				path: `nodes/${id}`,
				change,
				at: { node: id },
				kind: node?.kind ?? null,
				title: node ? nodeWords(node, names).title : 'A step',
				fields: fields.flatMap((field) => fieldWords(field, before?.nodes[id], after.nodes[id], names))
			};
		});
	const edges: ChangeEntry[] = [
		...branches.added.map((key) => ({ key, change: 'added' as const })),
		...branches.changed.map((key) => ({ key, change: 'changed' as const })),
		...branches.removed.map((key) => ({ key, change: 'removed' as const }))
	].map(({ key, change }) => edgeEntry(key, change, before, after, names));
	const set: ChangeEntry[] = settings.map((name) => ({
		path: `settings/${name}`,
		change: 'changed',
		at: null,
		kind: null,
		title: settingLabel(name),
		fields: [
			{
				label: settingLabel(name),
				before: before ? settingWords(name, before.settings, names) : '',
				after: settingWords(name, after.settings, names)
			}
		]
	}));
	return [...steps, ...edges, ...set];
}

const byPlace = (a: DraftNode | undefined, b: DraftNode | undefined): number =>
	(a?.position[1] ?? 0) - (b?.position[1] ?? 0) || (a?.position[0] ?? 0) - (b?.position[0] ?? 0);

function edgeEntry(
	key: string,
	change: ChangeKind,
	before: Draft | null,
	after: Draft,
	names: Names
): ChangeEntry {
	const [was, is] = [before?.edges[key], after.edges[key]];
	const edge = is ?? was!;
	const of = is ? after : before!;
	const source = of.nodes[edge.source];
	const title = (draft: Draft | null, id: string) => {
		const node = draft?.nodes[id];
		return node ? nodeWords(node, names).title : 'nothing';
	};
	const response = (one: DraftEdge) => edgeResponseWords(responseSource(source, names.publish), one);
	const delay = (one: DraftEdge) => delayWords(one.delay, isNegative(source?.kind, one.response));
	const parts: [label: string, of: (one: DraftEdge, draft: Draft | null) => string][] = [
		['Leads to', (one, draft) => title(draft, one.target)],
		['Delay', delay],
		['Responses', response]
	];
	const fields =
		was && is
			? parts
					.map(([label, words]) => ({ label, before: words(was, before), after: words(is, after) }))
					.filter((field) => field.before !== field.after)
			: [];
	return {
		path: `edges/${key}`,
		change,
		at: { edge: key },
		kind: null,
		title: `${edge.source === startNodeId ? 'Start' : title(of, edge.source)}: ${response(edge)} → ${title(of, edge.target)}`,
		fields
	};
}
