import { createServer } from 'node:http';
import { createCollab } from '../../../../src/lib/server/collab/collab.ts';
import { createDb } from '../../../../src/lib/server/db/client.ts';
import { testOrigin } from '../../../support/collabServer.ts';
import { liftedRates } from '../../../support/liftedRates.ts';
import type { StartRelay } from './names.ts';

/** The product's own, with everything on: sessions, rights, gate, stored before shown, hints to other processes. */
export const start: StartRelay = async (databaseUrl) => {
	const db = createDb(databaseUrl, { name: 'bench-collab', max: 4 });
	const onError = (error: unknown) => console.error(error);
	const collab = createCollab({ db, origin: testOrigin, limits: liftedRates, onError });
	return createServer().on('upgrade', collab.handleUpgrade);
};
