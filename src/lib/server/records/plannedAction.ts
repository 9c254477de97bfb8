import { sql, type SQL } from 'drizzle-orm';
import { z } from 'zod';

/** An action of a plan as pages name it. `title` is empty when it has neither a name nor anything to be called by. */
export const plannedActionSchema = z
	.object({ kind: z.string(), followUp: z.number(), title: z.string() })
	.nullable();

/** CRM-8: the step `id` of a version's plan: called by its name, else by what it says or sends. SQL null without one. */
export const plannedAction = (plan: SQL, id: SQL): SQL => sql`(
	select jsonb_build_object('kind', node->>'kind', 'followUp', coalesce((node->>'followUp')::int, 0),
		'title', coalesce(nullif(node->>'title', ''), node->>'reason', nullif(node->'config'->>'subject', ''),
			(select name from email_templates where org_id = app.org_id() and id::text = node->'config'->>'templateId'),
			(select name from whatsapp_templates where org_id = app.org_id() and id::text = node->'config'->>'templateId'),
			''))
	from (select ${plan}->'nodes'->${id} as node) as step where node is not null)`;
