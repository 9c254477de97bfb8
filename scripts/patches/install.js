import { fileURLToPath } from 'node:url';
import { applyPatch } from './apply.js';
import { graphileWorker } from './graphile-worker.js';
import { postgres } from './postgres.js';

// npm's postinstall: an installation with a package that is not the expected one fails here, with the remedy.
for (const patch of [postgres, graphileWorker])
	applyPatch(patch, fileURLToPath(new URL(`../../node_modules/${patch.package}`, import.meta.url)));
