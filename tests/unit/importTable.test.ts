import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';

const eslint = new ESLint();

/** Messages of the import rule for one import written into a file of that path. */
async function messages(filePath: string, source: string): Promise<string[]> {
	const code = `import { thing } from '${source}';\nexport const used = thing;\n`;
	const [result] = await eslint.lintText(code, { filePath });
	return (result?.messages ?? [])
		.filter((message) => message.ruleId === '@typescript-eslint/no-restricted-imports')
		.map((message) => message.message);
}

describe('the import table', () => {
	test.for([
		['src/lib/domain/plan/x.ts', '#lib/server/db/client.ts', 'belongs in server/'],
		['src/lib/domain/plan/x.ts', 'node:fs', 'belongs in #lib/server'],
		['src/lib/domain/plan/x.ts', 'yjs', 'work on a Draft'],
		['src/lib/collab/x.ts', '#lib/builder/x.ts', 'canvas state in builder/'],
		['src/lib/ui/x.ts', '#lib/domain/errors.ts', 'belongs in components/'],
		['src/lib/components/x.ts', '#lib/server/jobs.ts', 'data is loaded by routes'],
		['src/lib/builder/x.ts', '#lib/server/jobs.ts', 'Data is loaded by routes'],
		['src/lib/server/engine/x.ts', '$app/state', 'Hand the value in'],
		['src/lib/server/engine/x.ts', 'graphile-worker', 'Enqueue through #lib/server/jobs.ts'],
		['src/lib/server/engine/x.ts', 'yjs', 'work on a Draft'],
		['src/lib/server/engine/x.ts', '../../domain/errors.ts', 'Cross folders by #lib'],
		['src/routes/leads/+page.ts', '#lib/server/jobs.ts', '.server.ts or +server.ts'],
		['worker/tasks/x.ts', '#lib/components/x.ts', 'calls an operation of server/'],
		['src/server.ts', '$app/state', 'Hand the value in']
	] as const)('refuses in %s an import of %s', async ([file, source, where]) => {
		expect((await messages(file, source)).join(' ')).toContain(where);
	});

	test.for([
		['src/lib/domain/plan/x.ts', '#lib/domain/errors.ts'],
		['src/lib/builder/x.ts', 'yjs'],
		['src/lib/server/collab/x.ts', 'yjs'],
		['src/routes/leads/+page.server.ts', '#lib/server/jobs.ts'],
		['src/routes/leads/+page.ts', '$app/navigation'],
		['worker/main.ts', 'graphile-worker'],
		['worker/tasks/x.ts', '#lib/server/jobs.ts']
	] as const)('allows in %s an import of %s', async ([file, source]) => {
		expect(await messages(file, source)).toEqual([]);
	});
});
