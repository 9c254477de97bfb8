import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { expect, inject, test } from 'vitest';
import { setNodeField } from '../../src/lib/collab/edits/setNodeField.ts';
import type { Draft } from '../../src/lib/domain/cadence/draft.ts';
import { compareDrafts } from '../../src/lib/server/cadences/compareDrafts.ts';
import { publishCadence } from '../../src/lib/server/cadences/publishCadence.ts';
import { restoreVersion } from '../../src/lib/server/cadences/restoreVersion.ts';
import { migrateDatabase } from '../../src/lib/server/db/bootstrap.ts';
import { setConfig } from '../../src/lib/server/config.ts';
import { createDb, withOrg, type Db } from '../../src/lib/server/db/client.ts';
import { newId } from '../../src/lib/server/db/id.ts';
import { cadenceVersions } from '../../src/lib/server/db/schema/cadences.ts';
import { migrateQueue } from '../../worker/migrate.ts';
import { useConfig } from '../support/config.ts';
import { administrator, makeUser } from '../support/crm.ts';
import { urlsOf } from '../support/cluster.ts';
import type { TestDatabase } from '../support/db.ts';
import { draftOf } from '../support/draftOf.ts';
import { editStored } from '../support/editStored.ts';
import { branch, planOf, task as planned } from '../support/engineWorld.ts';

/** The migrations up to one of them, as a release of that day had them. */
async function migrationsUntil(tag: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'cadenza-migrations-'));
	await cp('drizzle', folder, { recursive: true });
	const path = join(folder, 'meta', '_journal.json');
	const journal = JSON.parse(await readFile(path, 'utf8')) as { entries: { tag: string }[] };
	const last = journal.entries.findIndex((entry) => entry.tag === tag);
	if (last < 0) throw new Error(`There is no migration ${tag}.`);
	await writeFile(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, last + 1) }));
	return folder;
}

/** A database as a release of that day left it, with queue and tables. */
async function oldDatabase(tag: string) {
	const name = `t_${randomBytes(6).toString('hex')}`;
	const control = postgres(inject('adminUrl'), { max: 1, onnotice: () => undefined });
	await control.unsafe(`create database ${name} owner app_owner`);
	await control.unsafe(`grant create on database ${name} to app_worker`);
	const urls = urlsOf(inject('port'), name);
	await migrateQueue(urls.worker);
	const owner = postgres(urls.owner, { max: 1, onnotice: () => undefined });
	const folder = await migrationsUntil(tag);
	try {
		await migrate(drizzle(owner, { casing: 'snake_case' }), { migrationsFolder: folder });
	} finally {
		await rm(folder, { recursive: true });
		await owner.end();
	}
	const adminUrl = new URL(inject('adminUrl'));
	adminUrl.pathname = `/${name}`;
	const admin = createDb(adminUrl.href, { name: 'test-upgrade', max: 2 });
	const drop = async () => {
		await admin.$client.end({ timeout: 2 });
		await control.unsafe(`drop database ${name} with (force)`);
		await control.end();
	};
	return { urls, admin, drop };
}

const task = (title: string) => ({ kind: 'task', title, subject: title });
const twoTasks = (title: string) =>
	draftOf({ look: task(title), ring: task('Ring') }, [
		['start', 'entry', 'look'],
		['look', 'created', 'ring']
	]);
/** So large that PostgreSQL keeps it outside the row. */
const large = () => {
	const ids = Array.from({ length: 150 }, (_, i) => `n${i}`);
	return draftOf(Object.fromEntries(ids.map((id) => [id, task(`Task ${id} ${newId()}`)])), [
		['start', 'entry', 'n0'],
		...ids.slice(1).map((id, i): ['n', 'created', string] => [ids[i] as 'n', 'created', id])
	]);
};

const plan = JSON.stringify(
	planOf([planned('look', [branch('look', { response: 'created' }, 'ring')]), planned('ring')])
);

/** What a release of that day stored: written by hand, since the code of today writes otherwise. */
async function storeVersions(admin: Db, graphs: readonly Draft[]) {
	const [orgId, moduleId, cadenceId, userId] = [newId(), newId(), newId(), newId()];
	const versions = graphs.map((graph, i) => ({ id: newId(), n: i + 1, graph }));
	await admin.execute(sql`
		insert into organizations (id, name, business_hours, call_results, mail_domain)
		values (${orgId}, 'Before', '{}', '[]', 'mail.example')`);
	await admin.execute(sql`
		insert into modules (org_id, id, key, singular, plural, kind) values (${orgId}, ${moduleId}, 'leads', 'Lead', 'Leads', 'system')`);
	await admin.execute(sql`
		insert into cadences (org_id, id, module_id, name, enrollment_kind, state, active_version_id, created_by)
		values (${orgId}, ${cadenceId}, ${moduleId}, 'Long running', 'manual', 'active', ${versions.at(-1)!.id}, ${userId})`);
	await admin.execute(sql`insert into documents (org_id, cadence_id) values (${orgId}, ${cadenceId})`);
	for (const { id, n, graph } of versions)
		await admin.execute(sql`
			insert into cadence_versions (org_id, id, cadence_id, n, plan, plan_sha256, graph, doc_generation, doc_seq, published_by)
			values (${orgId}, ${id}, ${cadenceId}, ${n}, ${plan}::jsonb, ${id}, ${JSON.stringify(graph)}::jsonb, 1, 0, ${userId})`);
	const recordId = newId();
	await admin.execute(sql`
		insert into records (org_id, id, module_id, name, owner_id, data)
		values (${orgId}, ${recordId}, ${moduleId}, 'Ann', ${userId}, '{}')`);
	await admin.execute(sql`
		insert into enrollments (org_id, id, cadence_id, record_id, version_id, source)
		values (${orgId}, ${newId()}, ${cadenceId}, ${recordId}, ${versions[0]!.id}, 'manual')`);
	return { orgId, cadenceId, versions };
}

test('VER-2, VER-6: versions that were stored before graphs were packed are read, compared, restored and published on', async () => {
	const graphs = [twoTasks('Grüß Gott, "Zoë" \\ 💌'), large(), twoTasks('Look again')];
	const { urls, admin, drop } = await oldDatabase('0028_told_apart');
	useConfig(urls);
	try {
		const { orgId, cadenceId, versions } = await storeVersions(admin, graphs);
		await migrateDatabase(urls, migrateQueue);
		const kept = await admin
			.select({ n: cadenceVersions.n, graph: cadenceVersions.graph })
			.from(cadenceVersions)
			.where(eq(cadenceVersions.orgId, orgId))
			.orderBy(cadenceVersions.n);
		expect(kept).toEqual(versions.map(({ n, graph }) => ({ n, graph })));

		const ada = await makeUser({ admin } as TestDatabase, orgId, administrator);
		const web = createDb(urls.web, { name: 'test-upgrade', max: 1 });
		const result = await withOrg(web, orgId, async (tx) => {
			const compared = await compareDrafts(tx, ada, { cadenceId, from: 1, to: 2 });
			const restored = await restoreVersion(tx, ada, { cadenceId, versionId: versions[0]!.id });
			await editStored(tx, ada, cadenceId, (doc) => setNodeField(doc, 'ring', 'subject', 'Ring twice'));
			const published = await publishCadence(tx, ada, { cadenceId, expectedVersion: 3 });
			const after = await compareDrafts(tx, ada, { cadenceId, from: 1, to: 4 });
			return { compared, restored, published, after };
		}).finally(() => web.$client.end({ timeout: 2 }));
		expect(result.compared.before.draft).toEqual(graphs[0]);
		expect(result.compared.after.draft).toEqual(graphs[1]);
		expect(result.restored).toEqual({ n: 1 });
		expect(result.after.before.draft).toEqual(graphs[0]);
		expect(result.after.after.draft.nodes['ring']).toMatchObject({ subject: 'Ring twice' });
		// From here on they are packed; the old ones stay as they are.
		const first = await admin.execute<{ n: number; brace: boolean }>(sql`
			select n, get_byte(graph, 0) = ascii('{') as brace from cadence_versions where org_id = ${orgId} order by n`);
		expect(first.map(({ brace }) => brace)).toEqual([true, true, true, false]);
	} finally {
		setConfig(undefined);
		await drop();
	}
});
