import * as Y from 'yjs';
import { answerMissing, frame } from './messages.ts';

const MOST = 8;

/**
 * Ready answers to "this is what I have". Pages that open a draft have nothing, so they share one: two hundred of them,
 * or readers who never read, cost one encoding and one buffer.
 */
export class SharedAnswers {
	#frames = new Map<string, Buffer>();

	/** @throws when the state vector cannot be read */
	get(doc: Y.Doc, vector: Uint8Array): Buffer {
		const key = Buffer.from(vector).toString('latin1');
		const known = this.#frames.get(key);
		if (known) return known;
		const answer = frame(answerMissing(Y.encodeStateAsUpdate(doc, vector)));
		if (this.#frames.size < MOST) this.#frames.set(key, answer);
		return answer;
	}

	/** The document changed. */
	forget(): void {
		this.#frames.clear();
	}
}
