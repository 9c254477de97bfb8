-- Row level security, grants, partitions, triggers and definer functions: what drizzle cannot express.
alter table enrollments set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
--> statement-breakpoint
alter table messages set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01);
--> statement-breakpoint
alter table responses set (autovacuum_vacuum_scale_factor = 0.01);
--> statement-breakpoint
alter table record_changes set (autovacuum_vacuum_scale_factor = 0.01);
--> statement-breakpoint
create index records_search_idx on records using gin (org_id, module_id, search gin_trgm_ops) where deleted_at is null;
--> statement-breakpoint
create index records_tags_idx on records using gin (org_id, tags) where deleted_at is null;
--> statement-breakpoint
-- Partitions of the event log by month. The default one catches what no month holds, so an insert never fails.
create table events_default partition of events default;
--> statement-breakpoint
create function app.ensure_event_partitions(first date, months int) returns int language plpgsql
	security definer set search_path = public, pg_temp as $$
declare
	month date;
	made int := 0;
begin
	for i in 0 .. months - 1 loop
		month := (date_trunc('month', first) + make_interval(months => i))::date;
		if to_regclass('public.events_' || to_char(month, 'YYYYMM')) is null
			and not exists (select 1 from events_default where at >= month and at < month + interval '1 month') then
			execute format('create table %I partition of events for values from (%L) to (%L)',
				'events_' || to_char(month, 'YYYYMM'), month, (month + interval '1 month')::date);
			execute format('alter table %I enable row level security', 'events_' || to_char(month, 'YYYYMM'));
			execute format('alter table %I force row level security', 'events_' || to_char(month, 'YYYYMM'));
			made := made + 1;
		end if;
	end loop;
	return made;
end $$;
--> statement-breakpoint
revoke execute on function app.ensure_event_partitions(date, int) from public;
--> statement-breakpoint
grant execute on function app.ensure_event_partitions(date, int) to app_worker;
--> statement-breakpoint
alter table events_default enable row level security;
--> statement-breakpoint
alter table events_default force row level security;
--> statement-breakpoint
create policy owner_all on events_default to current_user using (true) with check (true);
--> statement-breakpoint
select app.ensure_event_partitions((current_date - interval '6 months')::date, 19);
--> statement-breakpoint
-- Every table of an organization: forced row level security; the web role sees the organization of the
-- transaction only, and so does the worker unless the table is one of the engine's (below).
do $$
declare
	t text;
begin
	for t in
		select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
			and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped)
			and c.relname <> 'sessions'
	loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy owner_all on %I to current_user using (true) with check (true)', t);
		execute format('create policy org on %I to app_web, app_worker using (org_id = app.org_id()) with check (org_id = app.org_id())', t);
		execute format('grant select, insert, update, delete on %I to app_web, app_worker', t);
	end loop;
end $$;
--> statement-breakpoint
alter table organizations enable row level security;
--> statement-breakpoint
alter table organizations force row level security;
--> statement-breakpoint
create policy owner_all on organizations to current_user using (true) with check (true);
--> statement-breakpoint
create policy org on organizations to app_web using (id = app.org_id()) with check (id = app.org_id());
--> statement-breakpoint
create policy engine on organizations to app_worker using (true) with check (false);
--> statement-breakpoint
grant select, update on organizations to app_web;
--> statement-breakpoint
grant select on organizations to app_worker;
--> statement-breakpoint
-- The worker claims over all organizations; every join is on (org_id, id).
do $$
declare
	t text;
begin
	foreach t in array array['cadences', 'cadence_versions', 'enrollments', 'action_runs', 'responses', 'inbound_events', 'events',
		'report_deltas', 'report_counts', 'activities', 'messages', 'record_changes', 'background_tasks', 'imports', 'email_quotas',
		'senders', 'notifications', 'audit_entries', 'suppressions'] loop
		execute format('create policy engine on %I to app_worker using (true) with check (true)', t);
	end loop;
	foreach t in array array['records', 'users', 'views', 'fields', 'modules', 'email_templates', 'whatsapp_templates',
		'whatsapp_accounts', 'email_relays'] loop
		execute format('create policy engine_read on %I for select to app_worker using (true)', t);
	end loop;
end $$;
--> statement-breakpoint
-- Logs are append-only for the application (RELIABILITY.md 4, audit).
revoke update, delete on audit_entries from app_web, app_worker;
--> statement-breakpoint
revoke update, delete on events from app_web, app_worker;
--> statement-breakpoint
grant usage on sequence events_id_seq to app_web, app_worker;
--> statement-breakpoint
grant select, insert, update, delete on sessions, rate_limits to app_web;
--> statement-breakpoint
grant select, delete on sessions, rate_limits to app_worker;
--> statement-breakpoint
-- Before an organization is known: sign-in, signed tokens of mails, webhooks. Each returns as little as it can.
create function app.find_login(login text) returns table (org_id uuid, user_id uuid, password_hash text, active boolean)
	language sql stable security definer set search_path = public, pg_temp
	as $$ select u.org_id, u.id, u.password_hash, u.active from users u where lower(u.email) = lower(login) $$;
--> statement-breakpoint
create function app.message_org(message_id uuid) returns uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$ select m.org_id from messages m where m.id = message_id $$;
--> statement-breakpoint
create function app.message_by_rfc_id(rfc_id text) returns table (org_id uuid, message_id uuid)
	language sql stable security definer set search_path = public, pg_temp
	as $$ select m.org_id, m.id from messages m where m.rfc_message_id = rfc_id limit 1 $$;
--> statement-breakpoint
create function app.whatsapp_account_org(phone_number text) returns uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$ select a.org_id from whatsapp_accounts a where a.phone_number_id = phone_number $$;
--> statement-breakpoint
create function app.whatsapp_verify_accounts() returns table (org_id uuid, id uuid, verify_token_sealed text)
	language sql stable security definer set search_path = public, pg_temp
	as $$ select a.org_id, a.id, a.verify_token_sealed from whatsapp_accounts a $$;
--> statement-breakpoint
create index messages_id_idx on messages (id);
--> statement-breakpoint
revoke execute on all functions in schema app from public;
--> statement-breakpoint
grant execute on all functions in schema app to app_worker;
--> statement-breakpoint
grant execute on function app.now(), app.org_id(), app.new_id(), app.cadence_lock(uuid), app.local_day(timestamptz, text),
	app.find_login(text), app.message_org(uuid), app.message_by_rfc_id(text), app.whatsapp_account_org(text),
	app.whatsapp_verify_accounts() to app_web;
--> statement-breakpoint
-- CRM changes reach views and un-enrollment through this outbox, written by the same statement (ENR-2, UNE-1).
create function app.log_record_changes() returns trigger language plpgsql as $$
begin
	insert into record_changes (org_id, module_id, record_id) select distinct n.org_id, n.module_id, n.id from n;
	return null;
end $$;
--> statement-breakpoint
create trigger records_inserted after insert on records referencing new table as n
	for each statement execute function app.log_record_changes();
--> statement-breakpoint
create trigger records_updated after update on records referencing new table as n
	for each statement execute function app.log_record_changes();
--> statement-breakpoint
-- Jobs are added inside the caller's transaction; the web role may call nothing else of graphile-worker.
create schema jobs;
--> statement-breakpoint
grant usage, create on schema jobs to app_worker;
--> statement-breakpoint
grant usage on schema jobs to app_web;
--> statement-breakpoint
create function jobs.enqueue(name text, payload json, run_at timestamptz default null, job_key text default null,
	max_attempts int default null, queue text default null) returns bigint
	language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	return (graphile_worker.add_job(name, payload, queue_name => queue, run_at => run_at, job_key => job_key,
		max_attempts => max_attempts)).id;
end $$;
--> statement-breakpoint
alter function jobs.enqueue(text, json, timestamptz, text, int, text) owner to app_worker;
--> statement-breakpoint
revoke create on schema jobs from app_worker;
--> statement-breakpoint
revoke execute on function jobs.enqueue(text, json, timestamptz, text, int, text) from public;
--> statement-breakpoint
grant execute on function jobs.enqueue(text, json, timestamptz, text, int, text) to app_web, app_worker;
