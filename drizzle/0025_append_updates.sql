-- One round trip for what editors of one draft wrote in one turn (src/lib/server/collab/appendUpdates.ts): rights, client
-- ids, log and commit. With the caller's rights; a single call is a transaction of its own, and knows its organization.
--
-- An author is a session at an epoch. Each entry is one update: `ends` says where it ends in `bytes`, `entry_authors` who
-- made it. `client_ids` are claimed by the entries named in `client_entries`. Numbers count from 1.
create function app.append_updates(
	org uuid, cadence uuid, in_generation int, sessions text[], epochs int[], users uuid[],
	entry_authors int[], ends int[], bytes bytea, client_ids bigint[], client_entries int[],
	-- Entries whose author's rights changed since, and those that write a client id of somebody else.
	out stale int[], out stolen int[],
	-- The log number of the last stored entry; null when there was none, or no such document.
	out last_seq bigint
) language plpgsql as $$
declare
	valid int[];
	kept int[];
begin
	perform set_config('app.org', org::text, true);
	-- Share locks: a revocation commits before this, and is seen, or after it. Rows that are being changed right now are
	-- skipped, not waited for: waiting could deadlock with a profile change, and the caller looks again anyway.
	select array_agg(a.n) into valid
	from (
		select s.id, u.epoch from sessions s join users u on u.org_id = s.org_id and u.id = s.user_id
		where s.org_id = org and s.id = any(sessions) and s.expires_at > now() and u.active
		for share of u skip locked for key share of s skip locked
	) held join unnest(sessions, epochs) with ordinality as a(session_id, epoch, n)
		on a.session_id = held.id and a.epoch = held.epoch;

	select coalesce(array_agg(e.n order by e.n) filter (where e.author = any(valid)), '{}'),
		coalesce(array_agg(e.n order by e.n) filter (where e.author = any(valid) is not true), '{}')
	into kept, stale from unnest(entry_authors) with ordinality as e(author, n);

	stolen := '{}';
	if cardinality(client_ids) > 0 and cardinality(kept) > 0 then
		insert into document_clients (org_id, cadence_id, generation, client_id, user_id)
		select org, cadence, in_generation, c.id, users[entry_authors[c.entry]]
		from unnest(client_ids, client_entries) as c(id, entry) where c.entry = any(kept)
		on conflict do nothing;
		select coalesce(array_agg(distinct c.entry), '{}') into stolen
		from unnest(client_ids, client_entries) as c(id, entry)
		left join document_clients d on d.org_id = org and d.cadence_id = cadence and d.generation = in_generation
			and d.client_id = c.id and d.user_id = users[entry_authors[c.entry]]
		where c.entry = any(kept) and d.user_id is null;
		if cardinality(stolen) > 0 then
			select coalesce(array_agg(n order by n), '{}') into kept from unnest(kept) as k(n) where n <> all(stolen);
		end if;
	end if;
	if cardinality(kept) = 0 then
		return;
	end if;

	-- The row lock orders the writers of all processes.
	update documents d set seq = d.seq + cardinality(kept) from cadences c
	where d.org_id = org and d.cadence_id = cadence and d.generation = in_generation
		and c.org_id = d.org_id and c.id = d.cadence_id and c.deleted_at is null
	returning d.seq into last_seq;
	if last_seq is null then
		return;
	end if;
	insert into document_updates (org_id, cadence_id, generation, seq, bytes, user_id)
	select org, cadence, in_generation, last_seq - cardinality(kept) + k.nth,
		substring(append_updates.bytes from coalesce(ends[k.n - 1], 0) + 1 for ends[k.n] - coalesce(ends[k.n - 1], 0)),
		users[entry_authors[k.n]]
	from unnest(kept) with ordinality as k(n, nth);
end $$;
--> statement-breakpoint
revoke execute on function app.append_updates(uuid, uuid, int, text[], int[], uuid[], int[], int[], bytea, bigint[], int[])
	from public;
--> statement-breakpoint
grant execute on function app.append_updates(uuid, uuid, int, text[], int[], uuid[], int[], int[], bytea, bigint[], int[])
	to app_web;
