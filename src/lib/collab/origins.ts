/**
 * Origins of transactions. An undo manager tracks `editOrigin` alone, so undo takes back only what this person
 * did on this screen (COL-2); everything else (loading, the socket) has another origin.
 */
export const editOrigin = Object.freeze({ name: 'edit' });
/** Writes that nobody may undo: filling a new document, restoring a version. */
export const systemOrigin = Object.freeze({ name: 'system' });
/** COL-3: comments are talk, not drawing: undo on the canvas never takes one back. */
export const talkOrigin = Object.freeze({ name: 'talk' });
