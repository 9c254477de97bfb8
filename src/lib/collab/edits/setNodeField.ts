import type * as Y from 'yjs';
import type { z } from 'zod';
import { draftNodeSchema } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { requireNode } from '../graph.ts';
import { isTextField } from '../layout.ts';
import { isListName } from '../lists.ts';
import { editOrigin } from '../origins.ts';
import { setText } from './setText.ts';

/**
 * Sets one field of a node. Text fields are merged letter by letter (`setText`), others are one value; an optional one
 * goes with `undefined`. Lists have edits of their own (`listEntries.ts`).
 * @throws DomainError `invalid` when the value does not fit the field, with its pointer
 */
export function setNodeField(doc: Y.Doc, nodeId: string, field: string, value: unknown): void {
	const node = requireNode(doc, nodeId);
	if (isTextField(field)) return setText(doc, nodeId, field, String(value ?? ''));
	const schema = fieldSchema(String(node.get('kind')), field);
	const parsed = schema?.safeParse(value);
	if (!parsed?.success)
		throw new DomainError('invalid', 'This value does not fit here.', `/nodes/${nodeId}/${field}`);
	if (JSON.stringify(parsed.data) === JSON.stringify(node.get(field))) return;
	doc.transact(() => {
		if (parsed.data === undefined) node.delete(field);
		else node.set(field, parsed.data);
	}, editOrigin);
}

function fieldSchema(kind: string, field: string): z.ZodType | undefined {
	if (field === 'id' || field === 'kind' || field === 'position' || isListName(field)) return undefined;
	const option = draftNodeSchema.options.find((candidate) => candidate.shape.kind.value === kind);
	return option && Object.hasOwn(option.shape, field)
		? (option.shape as Record<string, z.ZodType>)[field]
		: undefined;
}
