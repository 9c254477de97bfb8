import { expect, test } from 'vitest';
import { findFieldUses } from './fieldUses.ts';

const rating = (path: readonly string[]) => path.join('.') === 'rating';
const leadRating = (path: readonly string[]) => path.join('.') === 'lead.rating';
const uses = (json: unknown) => [...findFieldUses(json, rating, leadRating)].toSorted();

test('CRM-3: a field is found in conditions, updates, recipients and merge fields of a draft or plan', () => {
	expect(
		uses({ settings: { unenroll: { criteria: { all: [{ field: 'rating', op: 'is', value: 'Hot' }] } } } })
	).toEqual(['condition']);
	expect(uses({ nodes: { a: { kind: 'updateField', config: { field: 'rating', value: 'Hot' } } } })).toEqual([
		'update'
	]);
	expect(uses({ nodes: { a: { kind: 'email', recipient: 'rating' } } })).toEqual(['recipient']);
	expect(uses({ nodes: { a: { subject: 'A {{lead.rating | default: "x"}} lead' } } })).toEqual(['text']);
	expect(
		uses({
			nodes: { a: { variables: { 1: '{{lead.rating}}' } }, b: [{ any: [{ field: 'rating', op: 'empty' }] }] }
		})
	).toEqual(['condition', 'text']);
});

test('CRM-3: another field, or the same word elsewhere, is no use', () => {
	expect(
		uses({ title: 'rating', value: 'rating', field: 'city', op: 'is', text: '{{lead.city}} rating' })
	).toEqual([]);
	expect(uses({ all: [{ field: 'account.rating', op: 'is', value: 1 }] })).toEqual([]);
	expect(uses(null)).toEqual([]);
});
