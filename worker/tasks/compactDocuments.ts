import { compactDocuments } from '#lib/server/collab/compactDocuments.ts';
import { defineTask } from '../task.ts';

export default defineTask('compactDocuments', (_payload, { db, signal }) => compactDocuments(db, { signal }));
