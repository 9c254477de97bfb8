import { scanCadence } from '#lib/server/engine/scanCadence.ts';
import { defineTask } from '../task.ts';

export default defineTask('scanCadence', (payload, { db, signal }) => scanCadence(db, payload, signal));
