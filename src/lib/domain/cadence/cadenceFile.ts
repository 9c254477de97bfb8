import { z } from 'zod';
import { draftSchema, type Draft } from './draft.ts';
import { branchKey, entryKey, startNodeId, type ResponseKind } from './responses.ts';
import { plainIssue } from '../plainIssues.ts';
import { nameText } from '../visibleText.ts';

/** CAD-5: larger files are not read at all. */
export const maxFileBytes = 1_000_000;

/** What is named by an id in a draft. Names make an id of another organization or a deleted thing readable. */
const namedKinds = ['template', 'whatsappTemplate', 'sender', 'user', 'view', 'cadence'] as const;
export type NamedKind = (typeof namedKinds)[number];

const namesSchema = z.record(z.uuid(), z.object({ kind: z.enum(namedKinds), name: z.string().max(254) }));

const cadenceFileSchema = z.object({
	cadenza: z.literal('cadence/1', 'This is not an exported cadence.'),
	name: nameText('Give the cadence a name.').max(100),
	description: z.string().max(500).default(''),
	/** Module key (`leads`). */
	module: z.string().max(80),
	enrollment: z.enum(['manual', 'view']),
	draft: draftSchema,
	names: namesSchema.default({})
});
export type CadenceFile = z.output<typeof cadenceFileSchema>;

/** A place in the file as a person finds it, and what is wrong there. */
export type FileProblem = { place: string; message: string };

const maxNodes = 600;
const maxEdges = 2000;

/** CAD-5, VER-6: reads an exported cadence from untrusted text. Never throws; every problem names its place. */
export function readCadenceFile(text: string): { file: CadenceFile } | { problems: FileProblem[] } {
	// A character has one byte or more.
	if (text.length > maxFileBytes || new TextEncoder().encode(text).length > maxFileBytes)
		return { problems: [{ place: 'File', message: 'It is larger than 1 MB, which no cadence is.' }] };
	let raw: unknown;
	try {
		raw = JSON.parse(text);
	} catch (error) {
		const detail = error instanceof Error ? error.message : '';
		return { problems: [{ place: 'File', message: `It is no JSON. ${detail}`.trim() }] };
	}
	let parsed: ReturnType<typeof cadenceFileSchema.safeParse>;
	try {
		if (hasForbiddenKey(raw))
			return { problems: [{ place: 'File', message: 'It holds a name that is not allowed: __proto__.' }] };
		parsed = cadenceFileSchema.safeParse(raw, { error: (issue) => plainIssue(issue, 'It') });
	} catch {
		// Nesting deeper than the stack.
		return { problems: [{ place: 'File', message: 'It is nested too deeply.' }] };
	}
	if (!parsed.success)
		return {
			problems: parsed.error.issues
				.slice(0, 20)
				.map(({ path, message }) => ({ place: placeOf(path), message }))
		};
	const problems = checkGraph(parsed.data.draft);
	return problems.length ? { problems } : { file: parsed.data };
}

function hasForbiddenKey(value: unknown): boolean {
	if (typeof value !== 'object' || value === null) return false;
	if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) return true;
	return Object.values(value).some(hasForbiddenKey);
}

/** `/draft/nodes/a1/templateId` -> `Step a1, templateId`. */
function placeOf(path: readonly PropertyKey[]): string {
	const [root, part, id, ...rest] = path.map(String);
	const inner = rest.length ? `, ${rest.join('.')}` : '';
	if (root !== 'draft') return path.length ? path.map(String).join('.') : 'File';
	if (part === 'nodes' && id !== undefined) return `Step ${id}${inner}`;
	if (part === 'edges' && id !== undefined) return `Branch ${id}${inner}`;
	if (part === 'settings') return `Settings${id === undefined ? '' : `, ${[id, ...rest].join('.')}`}`;
	return part ? `Draft, ${part}` : 'Draft';
}

/** What the schema cannot say: keys that disagree with what they hold, ends that are not there, sizes. */
function checkGraph({ nodes, edges }: Draft): FileProblem[] {
	const problems: FileProblem[] = [];
	const note = (place: string, message: string) => problems.push({ place, message });
	const [ids, keys] = [Object.keys(nodes), Object.keys(edges)];
	if (ids.length > maxNodes) note('Draft, nodes', `It has ${ids.length} steps; ${maxNodes} are possible.`);
	if (keys.length > maxEdges)
		note('Draft, edges', `It has ${keys.length} branches; ${maxEdges} are possible.`);
	if (nodes[startNodeId]?.kind !== 'start') note(`Step ${startNodeId}`, 'The start is missing.');
	for (const [id, node] of Object.entries(nodes)) {
		if (node.id !== id) note(`Step ${id}`, `It calls itself ${node.id}.`);
		if (node.kind === 'start' && id !== startNodeId) note(`Step ${id}`, 'There can be only one start.');
	}
	for (const [key, edge] of Object.entries(edges)) {
		const { source, target, response, parameter } = edge;
		const own =
			source === startNodeId
				? entryKey
				: branchKey(source, { response: response as ResponseKind, parameter });
		if (own !== key) note(`Branch ${key}`, `It is the branch ${own}.`);
		for (const end of [source, target])
			if (!Object.hasOwn(nodes, end)) note(`Branch ${key}`, `The step ${end} is not in the file.`);
	}
	return problems.slice(0, 20);
}
