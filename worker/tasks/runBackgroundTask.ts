import { runBackgroundTask } from '#lib/server/enrollments/runBackgroundTask.ts';
import { defineTask } from '../task.ts';

export default defineTask('runBackgroundTask', (payload, { db, signal }) =>
	runBackgroundTask(db, payload, signal)
);
