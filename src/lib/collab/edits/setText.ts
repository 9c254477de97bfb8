import * as Y from 'yjs';
import { requireNode } from '../graph.ts';
import { textLimits, type TextField } from '../layout.ts';
import { editOrigin } from '../origins.ts';

/** The one stretch in which two texts differ; `at` and `remove` count UTF-16 units and never split a pair. */
export function diffText(before: string, after: string): { at: number; remove: number; insert: string } {
	const shorter = Math.min(before.length, after.length);
	let at = 0;
	while (at < shorter && before[at] === after[at]) at++;
	if (at > 0 && isHighSurrogate(before.charCodeAt(at - 1))) at--;
	let tail = 0;
	while (tail < shorter - at && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
	if (tail > 0 && isLowSurrogate(before.charCodeAt(before.length - tail))) tail--;
	return { at, remove: before.length - tail - at, insert: after.slice(at, after.length - tail) };
}

const isHighSurrogate = (code: number) => code >= 0xd800 && code <= 0xdbff;
const isLowSurrogate = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** Makes a text field say `text`, touching only the stretch that differs, so that people can type side by side. */
export function setText(doc: Y.Doc, nodeId: string, field: TextField, text: string): void {
	const node = requireNode(doc, nodeId);
	const wanted = text.slice(0, textLimits[field]);
	const current = node.get(field);
	doc.transact(() => {
		writeText(current instanceof Y.Text ? current : node.set(field, new Y.Text()), wanted);
	}, editOrigin);
}

/** Changes only the stretch that differs. Call it in a transaction. A NUL out of somebody's clipboard would be refused. */
export function writeText(text: Y.Text, wanted: string): void {
	const { at, remove, insert } = diffText(text.toString(), wanted.replaceAll('\0', ''));
	if (remove) text.delete(at, remove);
	if (insert) text.insert(at, insert);
}
