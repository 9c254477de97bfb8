import type * as Y from 'yjs';
import { edgesOf } from '../layout.ts';
import { editOrigin } from '../origins.ts';

/** Takes a branch away; the nodes stay. A branch that is gone already is fine. */
export function removeBranch(doc: Y.Doc, key: string): void {
	doc.transact(() => edgesOf(doc).delete(key), editOrigin);
}
