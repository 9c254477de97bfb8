import { foldAll } from '#lib/server/reports/foldReports.ts';
import { defineTask } from '../task.ts';

export default defineTask('foldReports', (_payload, { db, signal }) => foldAll(db, { signal }));
