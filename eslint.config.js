import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { importRules } from './eslint.imports.js';
import svelteConfig from './svelte.config.js';

const restrictedSyntax = [
	{
		selector: "BinaryExpression[operator='instanceof'][right.name='DomainError']",
		message: 'Production runs two copies of the server modules: tell errors apart by isDomainError and code.'
	},
	{
		selector: 'TSEnumDeclaration, TSModuleDeclaration[declare!=true], TSParameterProperty',
		message: 'The worker runs by type stripping: erasable syntax only.'
	}
];

export default ts.config(
	{
		ignores: [
			'build/',
			'.svelte-kit/',
			'node_modules/',
			'.data/',
			'.screens/',
			'drizzle/',
			'test-results/',
			'playwright-report/'
		]
	},
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	prettier,
	...svelte.configs.prettier,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: {
			'no-undef': 'off', // TypeScript knows better
			'no-empty-pattern': ['error', { allowObjectPatternsAsParameters: true }], // test fixtures: ({}, use)
			'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
			'no-restricted-syntax': ['error', ...restrictedSyntax],
			'max-lines': ['error', { max: 400 }],
			'no-console': 'error',
			eqeqeq: 'error',
			'@typescript-eslint/no-unused-vars': [
				'error',
				{
					argsIgnorePattern: '^_',
					varsIgnorePattern: '^_',
					destructuredArrayIgnorePattern: '^_',
					ignoreRestSiblings: true
				}
			],
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
			'svelte/no-at-html-tags': 'error',
			// Graphs are $state.raw over plain maps, replaced as a whole.
			'svelte/prefer-svelte-reactivity': 'off',
			'svelte/no-navigation-without-resolve': 'off' // the product is always served from the root
		}
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: {
				projectService: true,
				extraFileExtensions: ['.svelte'],
				parser: ts.parser,
				svelteConfig
			}
		},
		rules: { 'prefer-const': 'off', 'svelte/prefer-const': 'off' }
	},
	{
		// Configuration enters at the edges of a process (config.ts reads it); everything below is handed it.
		files: ['src/lib/**/*.{ts,svelte}', 'src/routes/**/*.{ts,svelte}', 'worker/tasks/**/*.ts'],
		ignores: ['src/lib/server/config.ts', 'src/lib/server/failpoint.ts', '**/*.test.ts'],
		rules: {
			'no-restricted-syntax': [
				'error',
				...restrictedSyntax,
				{
					selector: "MemberExpression[object.name='process'][property.name='env']",
					message: 'Read the configuration through getConfig() of server/config.ts.'
				}
			]
		}
	},
	{ files: ['**/*.d.ts'], rules: { 'no-restricted-syntax': 'off' } }, // Kit's types live in a namespace
	{ files: ['scripts/**', 'tests/**', '*.config.*'], rules: { 'no-console': 'off' } },
	...importRules
);
