import { sql } from 'drizzle-orm';
import type { Actor } from '#lib/domain/access/actor.ts';
import type { CadenceFile, NamedKind } from '#lib/domain/cadence/cadenceFile.ts';
import type { Draft } from '#lib/domain/cadence/draft.ts';
import { isId } from '#lib/domain/ids.ts';
import type { OrgTx } from '../db/client.ts';
import { readState, type StateRef } from './compareDrafts.ts';
import { getCadence } from './getCadence.ts';

/**
 * CAD-5 [+]: a version or the draft as a file. Ids stay as they are; beside them stand the names of what they mean, so
 * that another organization can find its own. Holds no record and no secret.
 * @throws forbidden, not_found
 */
export async function exportCadence(
	tx: OrgTx,
	actor: Actor,
	cadenceId: string,
	of: StateRef
): Promise<CadenceFile> {
	const cadence = await getCadence(tx, actor, cadenceId);
	const { draft } = await readState(tx, { orgId: actor.orgId, cadenceId: cadence.id }, of);
	return {
		cadenza: 'cadence/1',
		name: cadence.name,
		description: cadence.description,
		module: cadence.module.key,
		enrollment: cadence.enrollmentKind,
		draft,
		names: await namesIn(tx, actor.orgId, draft)
	};
}

async function namesIn(tx: OrgTx, orgId: string, draft: Draft): Promise<CadenceFile['names']> {
	const ids = new Set<string>();
	const look = (value: unknown): void => {
		if (typeof value === 'string') {
			if (isId(value)) ids.add(value.toLowerCase());
		} else if (value && typeof value === 'object') for (const part of Object.values(value)) look(part);
	};
	look(draft);
	if (!ids.size) return {};
	const wanted = sql`org_id = ${orgId} and id = any(${sql.param([...ids])}::uuid[])`;
	const rows = await tx.execute<{ id: string; kind: NamedKind; name: string }>(sql`
		select id, 'template' as kind, name from email_templates where ${wanted}
		union all select id, 'whatsappTemplate', name from whatsapp_templates where ${wanted}
		union all select id, 'sender', case when name = '' then address else name end from senders where ${wanted}
		union all select id, 'user', name from users where ${wanted}
		union all select id, 'view', name from views where ${wanted}
		union all select id, 'cadence', name from cadences where ${wanted}`);
	return Object.fromEntries(rows.map(({ id, kind, name }) => [id, { kind, name }]));
}
