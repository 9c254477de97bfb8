-- OPS-2: one row per worker process, renewed every few seconds; it belongs to no organization. What a dead one had
-- locked in the queue is unlocked by the others.
create table app.workers (
	id uuid primary key,
	queue_id text not null,
	host text not null,
	pid int not null,
	lanes int not null,
	started_at timestamptz not null default clock_timestamp(),
	seen_at timestamptz not null default clock_timestamp(),
	stopped_at timestamptz,
	-- Others have unlocked what it held; renewing takes it back.
	released_at timestamptz,
	memory_mb int not null default 0
);
--> statement-breakpoint
grant select, insert, update, delete on app.workers to app_worker;
--> statement-breakpoint
grant select on app.workers to app_web;
--> statement-breakpoint
-- What is set aside is rare: these hold next to nothing and cost the engine nothing.
create index enrollments_quarantined_idx on enrollments (org_id, quarantined_at) where quarantined_at is not null;
--> statement-breakpoint
create index responses_quarantined_idx on responses (org_id, id) where quarantined_at is not null;
--> statement-breakpoint
-- OPS-3: figures for operators, of one organization or (null) of all. Definer functions, so that the web role may read
-- the heads of queues that all organizations share; they give away counts and ids of cadences only. Each looks at no
-- more than `cap` + 1 rows of an index per cadence or queue: `cut` says that there are more.
create function app.due_runs(for_org uuid, cap int)
	returns table (org_id uuid, cadence_id uuid, waiting int, oldest timestamptz, cut boolean)
	language sql stable security definer set search_path = public, pg_temp as $$
	select c.org_id, c.id, d.n, d.oldest, d.n > cap
	from cadences c cross join lateral (
		select count(*)::int as n, min(x.due_at) as oldest from (
			select e.due_at from enrollments e
			where e.cadence_id = c.id and e.status = 'active' and e.due_at is not null and e.quarantined_at is null
				and e.due_at <= app.now()
			order by e.due_at limit cap + 1) x) d
	where c.active_version_id is not null and c.deleted_at is null and (for_org is null or c.org_id = for_org) and d.n > 0
$$;
--> statement-breakpoint
create function app.queue_heads(for_org uuid, cap int)
	returns table (queue text, cadence_id uuid, waiting int, due int, oldest timestamptz, cut boolean)
	language sql stable security definer set search_path = public, pg_temp as $$
	with heads as (
		(select 'responses' as queue, r.org_id, null::uuid as cadence_id, r.at from responses r
			where r.quarantined_at is null order by r.id limit cap + 1)
		union all
		(select 'changes', r.org_id, null, r.at from record_changes r order by r.id limit cap + 1)
		union all
		(select 'email/queued', m.org_id, m.cadence_id, m.not_before from messages m
			where m.status = 'queued' and m.channel = 'email' order by m.not_before, m.id limit cap + 1)
		union all
		(select 'whatsapp/queued', m.org_id, m.cadence_id, m.not_before from messages m
			where m.status = 'queued' and m.channel = 'whatsapp' order by m.not_before, m.id limit cap + 1)
		union all
		(select m.channel || '/' || m.status, m.org_id, m.cadence_id, m.queued_at from messages m
			where m.status in ('claimed', 'sending') order by m.lease_until limit cap + 1)
		union all
		(select 'webhook/queued', w.org_id, w.cadence_id, w.not_before from webhook_calls w
			where w.status = 'queued' order by w.not_before, w.id limit cap + 1)
		union all
		(select 'webhook/claimed', w.org_id, w.cadence_id, w.queued_at from webhook_calls w
			where w.status = 'claimed' order by w.lease_until limit cap + 1)
	), counted as (
		select h.queue, h.org_id, h.cadence_id, h.at, count(*) over (partition by h.queue) > cap as cut from heads h
	)
	select h.queue, h.cadence_id, count(*)::int, (count(*) filter (where h.at <= app.now()))::int, min(h.at), bool_or(h.cut)
	from counted h where for_org is null or h.org_id = for_org group by h.queue, h.cadence_id
$$;
--> statement-breakpoint
-- The newest `cap` events of each cadence within the last minutes, by kind: `seconds` is the time they span.
create function app.recent_events(for_org uuid, minutes int, cap int)
	returns table (cadence_id uuid, kind text, n int, seconds float8)
	language sql stable security definer set search_path = public, pg_temp as $$
	select c.id, k.kind, k.n, k.seconds
	from cadences c cross join lateral (
		select x.kind, count(*)::int as n,
			case when sum(count(*)) over () < cap then minutes * 60.0
				else greatest(1, extract(epoch from app.now() - min(min(x.at)) over ())) end::float8 as seconds
		from (
			select e.kind, e.at from events e
			where e.org_id = c.org_id and e.cadence_id = c.id and e.at > app.now() - make_interval(mins => minutes)
			order by e.at desc limit cap) x
		group by x.kind) k
	where c.active_version_id is not null and c.deleted_at is null and (for_org is null or c.org_id = for_org)
$$;
--> statement-breakpoint
create function app.set_aside(for_org uuid, cap int)
	returns table (what text, cadence_id uuid, n int)
	language sql stable security definer set search_path = public, pg_temp as $$
	select 'runs', x.cadence_id, count(*)::int from (
		select e.cadence_id from enrollments e
		where e.quarantined_at is not null and (for_org is null or e.org_id = for_org) limit cap + 1) x group by 2
	union all
	select 'responses', null, count(*)::int from (
		select 1 from responses r
		where r.quarantined_at is not null and (for_org is null or r.org_id = for_org) limit cap + 1) x
	union all
	select 'doubtful', x.cadence_id, count(*)::int from (
		select m.cadence_id from messages m
		where m.status = 'unknown' and m.resolution is null and (for_org is null or m.org_id = for_org) limit cap + 1) x
		group by 2
	union all
	select 'senders', null, count(*)::int from senders s
		where s.status = 'paused' and (for_org is null or s.org_id = for_org)
	union all
	select 'accounts', null, count(*)::int from whatsapp_accounts a
		where a.status = 'paused' and (for_org is null or a.org_id = for_org)
$$;
--> statement-breakpoint
revoke execute on function app.due_runs(uuid, int), app.queue_heads(uuid, int), app.recent_events(uuid, int, int),
	app.set_aside(uuid, int) from public;
--> statement-breakpoint
grant execute on function app.due_runs(uuid, int), app.queue_heads(uuid, int), app.recent_events(uuid, int, int),
	app.set_aside(uuid, int) to app_web, app_worker;
--> statement-breakpoint
-- OPS-3: whether the tables are those this code expects (/readyz). The owner's ledger is nobody else's to read.
create function app.last_migration() returns bigint language sql stable security definer set search_path = pg_catalog, pg_temp
	as $$ select max(created_at)::bigint from drizzle.__drizzle_migrations $$;
--> statement-breakpoint
revoke execute on function app.last_migration() from public;
--> statement-breakpoint
grant execute on function app.last_migration() to app_web, app_worker;
