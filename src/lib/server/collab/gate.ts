import * as Y from 'yjs';
import { closeCodes, type CloseCode } from '#lib/collab/closeCodes.ts';
import { rootNames } from '#lib/collab/layout.ts';
import { checkChanges } from './checkChanges.ts';
import { checkString, checkValue } from './checkValue.ts';
import type { CollabLimits } from './limits.ts';
import { CommentWatch, type SaidComment } from './watchComments.ts';

export type Verdict =
	/** `bytes` is what goes to the log: the update itself, or the part of it that is new. */
	| { kind: 'accepted'; bytes: Uint8Array; clients: number[]; said: SaidComment[] }
	/** Everything in it is known already. */
	| { kind: 'known' }
	/** Something before it is missing: ask the sender for all it has (sync step 1). */
	| { kind: 'gap' }
	| { kind: 'rejected'; code: CloseCode; reason: string };

type Scan = { clients: Map<number, { from: number; to: number }>; deletes: boolean };

const reject = (reason: string, code: CloseCode = closeCodes.badMessage): Verdict => ({
	kind: 'rejected',
	code,
	reason
});

/**
 * RELIABILITY.md 3.2.4: the only way into a document, for people's and for our own edits. Every update is read
 * structurally first, then applied to a shadow of the document and looked at there; only what passes is stored.
 */
export class Gate {
	#shadow: Y.Doc | null = null;
	#changed: Y.Transaction['changed'] = new Map();
	#comments: CommentWatch | null = null;
	/** An upper bound of the encoded document; made exact only when it passes the cap. */
	#size = 0;
	#limits: CollabLimits;
	#seed: () => Iterable<Uint8Array>;

	/** `seed` gives all that was accepted so far: the shadow is built from it, and again after a reject. */
	constructor(limits: CollabLimits, seed: () => Iterable<Uint8Array>) {
		this.#limits = limits;
		this.#seed = seed;
	}

	/** The next clock of a client, as far as accepted. */
	clockOf(client: number): number {
		return Y.getState(this.#doc().store, client);
	}

	/** Updates of other processes: they went through their gate. */
	applyTrusted(update: Uint8Array): void {
		Y.applyUpdate(this.#doc(), update);
		this.#comments?.reset();
		this.#size += update.byteLength;
	}

	/** Throws the shadow away, for instance when accepted updates could not be stored. */
	reset(): void {
		this.#shadow?.destroy();
		this.#shadow = null;
	}

	/**
	 * `mayWrite` says whether the sender owns a client id, or may take it (first writer). `userId`: in whose name
	 * comments may be written; null when the server itself writes.
	 */
	check(update: Uint8Array, mayWrite: (client: number) => boolean, userId: string | null = null): Verdict {
		if (update.byteLength > this.#limits.documentBytes)
			return reject('an edit is too large', closeCodes.tooLarge);
		try {
			return this.#check(update, mayWrite, userId);
		} catch {
			this.reset();
			return reject('an edit cannot be read');
		}
	}

	#check(original: Uint8Array, mayWrite: (client: number) => boolean, userId: string | null): Verdict {
		let update = original;
		let scan = scanUpdate(update, this.#limits);
		if (typeof scan === 'string') return reject(scan);
		const ahead = [...scan.clients].some(([client, { from }]) => from > this.clockOf(client));
		if (ahead) return { kind: 'gap' };
		if ([...scan.clients].some(([client, { from }]) => from < this.clockOf(client))) {
			update = Y.diffUpdate(update, Y.encodeStateVector(this.#doc()));
			scan = scanUpdate(update, this.#limits);
			if (typeof scan === 'string') return reject(scan);
		}
		if (!scan.clients.size && !scan.deletes) return { kind: 'known' };
		for (const [client, { from }] of scan.clients) {
			if (from !== this.clockOf(client)) return { kind: 'gap' };
			if (!mayWrite(client))
				return reject('an edit was made in the name of somebody else', closeCodes.forbidden);
		}
		return this.#apply(update, scan, userId);
	}

	#apply(update: Uint8Array, scan: Scan, userId: string | null): Verdict {
		const doc = this.#doc();
		this.#changed = new Map();
		this.#comments?.reset();
		Y.applyUpdate(doc, update);
		const wrong =
			doc.store.pendingStructs || doc.store.pendingDs
				? 'an edit refers to something unknown'
				: checkChanges(doc, this.#changed, scan.clients, this.#limits);
		const said = wrong ?? this.#comments?.check(userId) ?? [];
		if (typeof said === 'string') {
			this.reset();
			return reject(said);
		}
		// A delete set that changed nothing is common at reconnect: a client sends all its deletions.
		if (!scan.clients.size && !this.#changed.size) return { kind: 'known' };
		this.#size += update.byteLength;
		if (this.#size > this.#limits.documentBytes) {
			this.#size = Y.encodeStateAsUpdate(doc).byteLength;
			if (this.#size > this.#limits.documentBytes) {
				this.reset();
				return reject('the draft is too large', closeCodes.tooLarge);
			}
		}
		return { kind: 'accepted', bytes: update, clients: [...scan.clients.keys()], said };
	}

	#doc(): Y.Doc {
		if (this.#shadow) return this.#shadow;
		const doc = createDoc();
		this.#size = 0;
		doc.transact(() => {
			for (const update of this.#seed()) {
				Y.applyUpdate(doc, update);
				this.#size += update.byteLength;
			}
		});
		doc.on('afterTransaction', (transaction: Y.Transaction) => {
			this.#changed = transaction.changed;
		});
		this.#comments = new CommentWatch(doc);
		this.#shadow = doc;
		return doc;
	}
}

/** A document whose roots have their types, so that no update can give them others. */
export function createDoc(): Y.Doc {
	const doc = new Y.Doc();
	for (const name of rootNames) doc.getMap(name);
	return doc;
}

/** Reads an update without applying it. A string says what is wrong. */
function scanUpdate(update: Uint8Array, limits: CollabLimits): Scan | string {
	const { structs, ds } = Y.decodeUpdate(update);
	if (structs.length > limits.updateStructs) return 'an edit has too many parts';
	const clients: Scan['clients'] = new Map();
	let length = 0;
	for (const struct of structs) {
		const { client, clock } = struct.id;
		const known = clients.get(client);
		length += struct.length;
		if (struct instanceof Y.Skip || (known && known.to !== clock)) return 'an edit has gaps';
		if (!(struct.length > 0) || length > limits.updateLength) return 'an edit is too long';
		if (struct instanceof Y.Item && !allowedContent(struct, limits))
			return 'an edit holds a value that is not allowed';
		clients.set(client, { from: known?.from ?? clock, to: clock + struct.length });
	}
	let ranges = 0;
	for (const items of ds.clients.values()) ranges += items.length;
	if (ranges > limits.deleteRanges) return 'an edit has too many parts';
	return { clients, deletes: ranges > 0 };
}

/**
 * Also for what loses against a concurrent edit and is gone at once: the log and every replica still read it. Maps lie
 * directly in a root; `parent` is a root's name, an id, or not given (then it is the neighbor's).
 */
function allowedContent({ content, parent }: Y.Item, limits: CollabLimits): boolean {
	const root = typeof parent === 'string' ? parent : null;
	if (root !== null && !(rootNames as readonly string[]).includes(root)) return false;
	if (content instanceof Y.ContentType) {
		if (content.type instanceof Y.XmlText || content.type instanceof Y.XmlHook) return false;
		return (
			content.type instanceof Y.Text || (content.type instanceof Y.Map && (root !== null || parent === null))
		);
	}
	if (content instanceof Y.ContentAny)
		return content.arr.every((value) => checkValue(value, limits.criteriaDepth, limits) === null);
	if (content instanceof Y.ContentString) return checkString(content.str) === null;
	return content instanceof Y.ContentDeleted;
}
