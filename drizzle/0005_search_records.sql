-- Search by part of a name, address or number. LIKE is not leakproof, so under row level security the web role's own
-- query could not use the trigram index: this function asks as the owner and names the organization itself. It returns
-- at most `most` ids; a caller that gets as many filters the list it walks instead (server/records/searchCondition.ts).
create function app.search_records(wanted_module uuid, pattern text, most int) returns setof uuid
	language sql stable security definer set search_path = public, pg_temp set enable_seqscan = off
	as $$
		select r.id from records r
		where r.org_id = app.org_id() and r.module_id = wanted_module and r.deleted_at is null and r.search like pattern
		limit most
	$$;
--> statement-breakpoint
revoke execute on function app.search_records(uuid, text, int) from public;
--> statement-breakpoint
grant execute on function app.search_records(uuid, text, int) to app_web, app_worker;
