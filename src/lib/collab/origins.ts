/**
 * Origins of transactions. An undo manager tracks `editOrigin` alone, so undo takes back only what this person
 * did on this screen (COL-2); everything else (loading, the socket) has another origin.
 */
export const editOrigin = Object.freeze({ name: 'edit' });
/** Writes that nobody may undo: filling a new document, restoring a version. */
export const systemOrigin = Object.freeze({ name: 'system' });
