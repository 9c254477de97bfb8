import { branchKey, entryKey, startNodeId, type ResponseKind } from '#lib/domain/cadence/responses.ts';

/** What leaves a node: a response of an action, or the entry of the start node. */
export type EdgeSource = { source: string; response: string; parameter?: string | undefined };

/** GRA-2: the key under which a branch lives in the document. */
export const edgeKey = (from: EdgeSource): string =>
	from.source === startNodeId
		? entryKey
		: branchKey(from.source, { response: from.response as ResponseKind, parameter: from.parameter });

/** The inverse of `edgeKey`; null for anything that is not the one canonical spelling of a key. */
export function parseEdgeKey(key: string): EdgeSource | null {
	const [source, response, encoded, ...rest] = key.split('/');
	if (!source || !response || rest.length || encoded === '') return null;
	const parameter = encoded === undefined ? undefined : decode(encoded);
	if (parameter === null || (source === startNodeId && response !== 'entry')) return null;
	const from: EdgeSource = parameter === undefined ? { source, response } : { source, response, parameter };
	return edgeKey(from) === key ? from : null;
}

function decode(encoded: string): string | null {
	try {
		return decodeURIComponent(encoded);
	} catch {
		return null;
	}
}
