-- The new table of an organization: forced row level security, like all of them.
alter table document_contributors enable row level security;
--> statement-breakpoint
alter table document_contributors force row level security;
--> statement-breakpoint
create policy owner_all on document_contributors to current_user using (true) with check (true);
--> statement-breakpoint
create policy org on document_contributors to app_web, app_worker using (org_id = app.org_id()) with check (org_id = app.org_id());
--> statement-breakpoint
grant select, insert, update, delete on document_contributors to app_web, app_worker;
--> statement-breakpoint
-- Compaction looks over all organizations for long logs; it reads and writes them one organization at a time.
create policy engine_read on documents for select to app_worker using (true);
--> statement-breakpoint
-- Revocation (RELIABILITY.md 3.2.8): whatever changes somebody's rights raises the epoch and wakes the sockets. Done
-- here, so that no operation can forget it.
create function app.raise_epoch() returns trigger language plpgsql as $$
begin
	if new.epoch = old.epoch and (new.active, new.profile_id, new.password_hash, new.org_id)
		is distinct from (old.active, old.profile_id, old.password_hash, old.org_id) then
		new.epoch := old.epoch + 1;
	end if;
	return new;
end $$;
--> statement-breakpoint
create trigger users_raise_epoch before update on users for each row execute function app.raise_epoch();
--> statement-breakpoint
create function app.notify_epoch() returns trigger language plpgsql as $$
begin
	perform pg_notify('collab', json_build_object('kind', 'user', 'userId', new.id)::text);
	return null;
end $$;
--> statement-breakpoint
create trigger users_notify_epoch after update on users for each row when (new.epoch is distinct from old.epoch)
	execute function app.notify_epoch();
--> statement-breakpoint
create function app.raise_epochs_of_profile() returns trigger language plpgsql as $$
begin
	update users set epoch = epoch + 1 where org_id = new.org_id and profile_id = new.id;
	return null;
end $$;
--> statement-breakpoint
create trigger profiles_raise_epochs after update on profiles for each row
	when (new.permissions is distinct from old.permissions) execute function app.raise_epochs_of_profile();
--> statement-breakpoint
create function app.notify_ended_sessions() returns trigger language plpgsql as $$
begin
	perform pg_notify('collab', json_build_object('kind', 'user', 'userId', ended.user_id)::text)
		from (select distinct user_id from o) ended;
	return null;
end $$;
--> statement-breakpoint
create trigger sessions_notify_ended after delete on sessions referencing old table as o
	for each statement execute function app.notify_ended_sessions();
--> statement-breakpoint
create function app.notify_deleted_cadence() returns trigger language plpgsql as $$
begin
	perform pg_notify('collab', json_build_object('kind', 'document', 'orgId', new.org_id, 'cadenceId', new.id,
		'generation', 0, 'seq', 0)::text);
	return null;
end $$;
--> statement-breakpoint
create trigger cadences_notify_deleted after update on cadences for each row
	when (new.deleted_at is not null and old.deleted_at is null) execute function app.notify_deleted_cadence();
--> statement-breakpoint
revoke execute on function app.raise_epoch(), app.notify_epoch(), app.raise_epochs_of_profile(),
	app.notify_ended_sessions(), app.notify_deleted_cadence() from public;
