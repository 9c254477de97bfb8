import { draftNodeSchema, type DraftNode, type NodeKind } from '#lib/domain/cadence/draft.ts';
import { DomainError } from '#lib/domain/errors.ts';
import { newNodeId } from './layout.ts';

/** What a new node needs; every other field starts with its default. */
export type NewNode = { kind: Exclude<NodeKind, 'start'>; position: [number, number] } & Record<
	string,
	unknown
>;

export function newNode(input: NewNode): DraftNode {
	const parsed = draftNodeSchema.safeParse({ ...input, id: newNodeId() });
	if (!parsed.success) {
		const issue = parsed.error.issues[0];
		throw new DomainError('invalid', 'This step cannot be added.', `/${issue?.path.join('/') ?? ''}`);
	}
	return parsed.data;
}
