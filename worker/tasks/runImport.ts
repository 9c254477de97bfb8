import { runImport } from '#lib/server/imports/runImport.ts';
import { defineTask } from '../task.ts';

export default defineTask('runImport', (payload, { db, signal }) => runImport(db, payload, { signal }));
