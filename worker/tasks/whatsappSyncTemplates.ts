import { syncTemplates } from '../../src/lib/server/channels/whatsapp/syncTemplates.ts';
import { defineTask } from '../task.ts';

/** Reads the templates of an organization and their approval state. */
export default defineTask('whatsappSyncTemplates', ({ orgId }, { db }) => syncTemplates(db, orgId));
