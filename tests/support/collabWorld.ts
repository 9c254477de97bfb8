import { sql } from 'drizzle-orm';
import type { ProfilePermissions } from '../../src/lib/domain/access/actor.ts';
import { emptyDraft, type Draft } from '../../src/lib/domain/cadence/draft.ts';
import { createSession } from '../../src/lib/server/auth/sessions.ts';
import { createDocument } from '../../src/lib/server/collab/createDocument.ts';
import { withOrg } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import type { TestDatabase } from './db.ts';

const module = { view: true, create: true, edit: true, delete: true };
const profile = (cadences: Partial<ProfilePermissions['cadences']>): ProfilePermissions => ({
	administrator: false,
	manageAutomation: false,
	cadences: { view: false, manage: false, enroll: false, unenroll: false, ...cadences },
	modules: {},
	defaultModule: module,
	recordVisibility: 'all'
});
export const profiles = {
	editor: profile({ view: true, manage: true }),
	viewer: profile({ view: true }),
	outsider: profile({})
};
export type ProfileName = keyof typeof profiles;

export type WorldUser = {
	userId: string;
	name: string;
	profileId: string;
	cookie: string;
	sessionId: string;
};

/** An organization with users who are signed in, and cadences with documents. */
export type World = {
	orgId: string;
	moduleId: string;
	addUser: (name: string, profile: ProfileName) => Promise<WorldUser>;
	addCadence: (draft?: Draft) => Promise<string>;
};

export async function createWorld(db: TestDatabase): Promise<World> {
	const orgId = newId();
	const moduleId = newId();
	await db.admin.execute(sql`insert into organizations (id, name, business_hours, call_results, mail_domain)
		values (${orgId}, 'Test', '{}', '[]', 'test.localhost')`);
	await db.admin.execute(sql`insert into modules (org_id, id, key, singular, plural, kind, position)
		values (${orgId}, ${moduleId}, 'leads', 'Lead', 'Leads', 'system', 1)`);
	const creator = newId();
	return {
		orgId,
		moduleId,
		addUser: async (name, kind) => {
			const userId = newId();
			const profileId = newId();
			await db.admin.execute(sql`insert into profiles (org_id, id, name, permissions)
				values (${orgId}, ${profileId}, ${profileId}, ${JSON.stringify(profiles[kind])}::jsonb)`);
			await db.admin.execute(sql`insert into users (org_id, id, email, name, password_hash, profile_id)
				values (${orgId}, ${userId}, ${`${userId}@test.localhost`}, ${name}, 'x', ${profileId})`);
			const { id, cookie } = await createSession(db.web, { orgId, userId }, {});
			return { userId, name, profileId, sessionId: id, cookie: `${cookie.name}=${cookie.value}` };
		},
		addCadence: async (draft = emptyDraft()) => {
			const cadenceId = newId();
			await withOrg(db.web, orgId, async (tx) => {
				await tx.execute(sql`insert into cadences (org_id, id, module_id, name, enrollment_kind, created_by)
					values (${orgId}, ${cadenceId}, ${moduleId}, ${cadenceId}, 'manual', ${creator})`);
				await createDocument(tx, orgId, cadenceId, draft, creator);
			});
			return cadenceId;
		}
	};
}
