import { describe, expect, test } from 'vitest';
import { draftOf, task } from '../../../../tests/support/draftOf.ts';
import { ids, nodes } from '../../../../tests/support/drafts.ts';
import { maxFileBytes, readCadenceFile } from './cadenceFile.ts';
import { resolveNames, type Known } from './resolveNames.ts';

const draft = draftOf({ hello: nodes.email('Hello'), look: task() }, [
	['start', 'entry', 'hello'],
	['hello', 'sent', 'look']
]);
const file = (more: Record<string, unknown> = {}) => ({
	cadenza: 'cadence/1',
	name: 'A',
	module: 'leads',
	enrollment: 'manual',
	draft,
	names: { [ids.template]: { kind: 'template', name: 'Hello' } },
	...more
});
const read = (value: unknown) => readCadenceFile(JSON.stringify(value));
const problems = (value: unknown) => {
	const answer = read(value);
	return 'problems' in answer ? answer.problems.map(({ place, message }) => `${place}: ${message}`) : [];
};

describe('a file', () => {
	test('CAD-5: what was exported is read back as it was', () => {
		expect(read(file())).toMatchObject({ file: { name: 'A', draft } });
	});

	test('CAD-5: problems name their place', () => {
		const broken = structuredClone(draft) as unknown as { nodes: Record<string, Record<string, unknown>> };
		broken.nodes['hello']!['templateId'] = 42;
		expect(problems(file({ draft: broken }))[0]).toMatch(/^Step hello, templateId: /);
		expect(problems(file({ draft: { ...draft, settings: { endAfterDays: 0 } } }))[0]).toMatch(
			/^Settings, endAfterDays: /
		);
		const dangling = { ...draft, nodes: { start: draft.nodes['start'], hello: draft.nodes['hello'] } };
		expect(problems(file({ draft: dangling }))).toEqual([
			'Branch hello/sent: The step look is not in the file.'
		]);
		const renamed = { ...draft, edges: { 'hello/opened': draft.edges['hello/sent'] } };
		expect(problems(file({ draft: renamed }))).toEqual(['Branch hello/opened: It is the branch hello/sent.']);
		expect(problems(file({ cadenza: 'other' }))).toEqual(['cadenza: This is not an exported cadence.']);
	});

	test('CAD-5: problems are said in words for people', () => {
		const change = (more: Record<string, unknown>) => ({
			...draft,
			nodes: { ...draft.nodes, look: { ...draft.nodes['look'], ...more } }
		});
		expect(problems(file({ draft: change({ kind: 'rocket' }) }))).toEqual([
			'Step look, kind: It is not valid.'
		]);
		expect(problems(file({ draft: change({ title: 7 }) }))).toEqual(['Step look, title: It must be a text.']);
		expect(problems(file({ draft: change({ title: 'x'.repeat(101) }) }))).toEqual([
			'Step look, title: It must have 100 characters at most.'
		]);
		expect(problems(file({ module: undefined }))).toEqual(['module: It is missing.']);
		expect(problems(file({ draft: change({ position: [0, 0, 'x'] }) })).join()).not.toMatch(
			/Invalid|expected/
		);
	});

	test('CAD-5: hostile files are refused, not obeyed', () => {
		expect(readCadenceFile('x'.repeat(maxFileBytes + 1))).toMatchObject({ problems: [{ place: 'File' }] });
		expect(readCadenceFile(`"${'€'.repeat(maxFileBytes / 3)}"`)).toMatchObject({
			problems: [{ message: expect.stringContaining('1 MB') }]
		});
		expect(readCadenceFile('{')).toMatchObject({ problems: [{ place: 'File' }] });
		expect(readCadenceFile('null')).toHaveProperty('problems');
		const deep = `${'{"all":['.repeat(20_000)}${']}'.repeat(20_000)}`;
		const nested = JSON.stringify(file()).replace('"criteria":null', `"criteria":${deep}`);
		expect(readCadenceFile(nested)).toHaveProperty('problems');
		const proto = JSON.stringify(file()).replace('"hello":{', '"__proto__":{"x":1},"hello":{');
		expect(readCadenceFile(proto)).toMatchObject({
			problems: [{ message: expect.stringContaining('__proto__') }]
		});
		expect(({} as Record<string, unknown>)['x']).toBeUndefined();
		const many = Object.fromEntries(
			Array.from({ length: 700 }, (_, n) => [`n${n}`, { ...task(), id: `n${n}`, position: [0, 0] }])
		);
		expect(problems(file({ draft: { ...draft, nodes: { ...draft.nodes, ...many } } }))[0]).toContain(
			'703 steps'
		);
	});
});

describe('names', () => {
	const known: Known = {
		template: [{ id: ids.second, name: 'hello ' }],
		whatsappTemplate: [],
		sender: [{ id: ids.sender, name: 'Sales' }],
		user: [],
		view: [],
		cadence: []
	};
	test('CAD-5: an id that is here stays, else the one thing with that name, else it is left out and told', () => {
		const answer = read(
			file({
				draft: {
					...draft,
					nodes: {
						...draft.nodes,
						look: { ...draft.nodes['look'], owner: { kind: 'user', userId: ids.user } }
					}
				},
				names: {
					[ids.template]: { kind: 'template', name: 'Hello' },
					[ids.user]: { kind: 'user', name: 'Ada' }
				}
			})
		);
		if (!('file' in answer)) throw new Error(JSON.stringify(answer));
		const resolved = resolveNames(answer.file, known);
		expect(resolved.draft.nodes['hello']).toMatchObject({
			templateId: ids.second,
			sender: { kind: 'sender', senderId: ids.sender }
		});
		expect(resolved.draft.nodes['look']).toMatchObject({ owner: { kind: 'recordOwner' } });
		expect(resolved.unresolved).toEqual([{ kind: 'user', name: 'Ada', nodeId: 'look' }]);
	});
	test('CAD-5: two things of one name are not guessed between', () => {
		const answer = read(file());
		if (!('file' in answer)) throw new Error(JSON.stringify(answer));
		const twice = { ...known, template: [...known.template, { id: ids.other, name: 'Hello' }] };
		expect(resolveNames(answer.file, twice).draft.nodes['hello']).toMatchObject({ templateId: null });
	});
});
