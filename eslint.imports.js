/**
 * Who may import whom. Each zone lists what it may see of `#lib`; the message says where the code belongs.
 * The rule replaces itself per file, so every zone carries all of its patterns.
 */
const allZones = ['domain', 'collab', 'ui', 'components', 'builder', 'server'];

const outsideFolder = {
	regex: `^(\\.\\./)+(${allZones.join('|')})/`,
	message: 'Cross folders by #lib/..., so that the import table can see it.'
};
const app = {
	regex: '^\\$(app|env)/',
	message: '$app is for routes, hooks, components and builder. Hand the value in from there.'
};
const libAlias = { regex: '^\\$lib', message: 'Write #lib/...: it also works in the worker and in tests.' };
const graphile = {
	regex: '^graphile-worker',
	message: 'The queue is known to worker/ only. Enqueue through #lib/server/jobs.ts.'
};
const yjs = {
	regex: '^(yjs|y-protocols|y-websocket|lib0)(/|$)',
	message: 'Yjs belongs in #lib/collab, #lib/builder and #lib/server/collab; others work on a Draft.'
};
const node = {
	regex: '^node:',
	message: 'The domain also runs in the browser. What needs Node belongs in #lib/server.'
};
const serverFromPage = {
	regex: '^#lib/server/',
	message: 'Pages get data from load functions and actions: move this into a .server.ts or +server.ts file.',
	allowTypeImports: true
};

/** Everything of #lib outside `allowed`, with the sentence that tells where the code belongs. */
const only = (zone, allowed, where) => ({
	regex: `^#lib/(?!(${allowed.join('|')})/)`,
	message: `${zone} may import ${allowed.join(', ')} only. ${where}`
});

const zone = (files, patterns, ignores = []) => ({
	files,
	ignores,
	rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] }
});

const everywhere = [outsideFolder, libAlias];

export const importRules = [
	zone(['**/*.{ts,js,svelte}'], [libAlias], ['src/**', 'worker/**']),
	zone(
		['src/lib/domain/**'],
		[
			...everywhere,
			app,
			graphile,
			yjs,
			node,
			only(
				'domain',
				['domain'],
				'It is pure: what needs a database, the clock or a browser belongs in server/ or components/.'
			)
		],
		['**/*.test.ts']
	),
	zone(
		['src/lib/collab/**'],
		[
			...everywhere,
			app,
			graphile,
			only(
				'collab',
				['domain', 'collab'],
				'Sockets and storage belong in server/collab, canvas state in builder/.'
			)
		]
	),
	zone(
		['src/lib/ui/**'],
		[
			...everywhere,
			app,
			graphile,
			yjs,
			only('ui', ['ui'], 'What knows of cadences or records belongs in components/.')
		]
	),
	zone(
		['src/lib/components/**'],
		[
			...everywhere,
			graphile,
			yjs,
			only(
				'components',
				['domain', 'ui', 'components'],
				'Canvas parts belong in builder/; data is loaded by routes.'
			)
		]
	),
	zone(
		['src/lib/builder/**'],
		[
			...everywhere,
			graphile,
			only('builder', ['domain', 'collab', 'ui', 'components', 'builder'], 'Data is loaded by routes.')
		]
	),
	zone(
		['src/lib/server/**'],
		[
			...everywhere,
			app,
			graphile,
			yjs,
			only('server', ['domain', 'collab', 'server'], 'Pure rules belong in domain/, pages in routes/.')
		],
		['src/lib/server/collab/**']
	),
	zone(
		['src/lib/server/collab/**'],
		[
			...everywhere,
			app,
			graphile,
			only('server', ['domain', 'collab', 'server'], 'Pure rules belong in domain/, pages in routes/.')
		]
	),
	zone(
		['src/routes/**/*.server.ts', 'src/routes/**/+server.ts', 'src/hooks.server.ts'],
		[libAlias, graphile, yjs]
	),
	zone(
		['src/routes/**/*.{ts,svelte}'],
		[libAlias, graphile, yjs, serverFromPage],
		['src/routes/**/*.server.ts', 'src/routes/**/+server.ts']
	),
	zone(
		['src/server.ts'],
		[
			libAlias,
			app,
			graphile,
			yjs,
			only('server.ts', ['domain', 'collab', 'server'], 'Pages belong in routes/.')
		]
	),
	zone(
		['worker/**'],
		[
			libAlias,
			app,
			yjs,
			only(
				'worker',
				['domain', 'collab', 'server'],
				'A task parses its payload and calls an operation of server/.'
			)
		]
	)
];
