-- What the tables' defaults and policies call. Roles app_web and app_worker exist before (server/db/bootstrap.ts).
create extension if not exists pg_trgm;
--> statement-breakpoint
create extension if not exists btree_gin;
--> statement-breakpoint
create schema app;
--> statement-breakpoint
grant usage on schema app to app_web, app_worker;
--> statement-breakpoint
-- The one clock (RELIABILITY.md 2.5). Tests and the demo shift it; production leaves it at zero.
create table app.clock (id int primary key default 1 check (id = 1), shift interval not null default '0');
--> statement-breakpoint
insert into app.clock default values;
--> statement-breakpoint
grant select on app.clock to app_web, app_worker;
--> statement-breakpoint
-- Declared stable so that `due_at <= app.now()` may use an index; one value per scan is what a pass wants.
create function app.now() returns timestamptz language sql stable parallel safe
	as $$ select clock_timestamp() + (select shift from app.clock) $$;
--> statement-breakpoint
create function app.org_id() returns uuid language sql stable parallel safe
	as $$ select nullif(current_setting('app.org', true), '')::uuid $$;
--> statement-breakpoint
-- UUID version 7 where PostgreSQL has it (18), random before.
do $$ begin
	if current_setting('server_version_num')::int >= 180000 then
		create function app.new_id() returns uuid language sql volatile as 'select uuidv7()';
	else
		create function app.new_id() returns uuid language sql volatile as 'select gen_random_uuid()';
	end if;
end $$;
--> statement-breakpoint
-- Key of the advisory lock of a cadence: shared by passes, exclusive by publish and (de)activation.
create function app.cadence_lock(cadence_id uuid) returns bigint language sql immutable parallel safe
	as $$ select ('x' || substr(md5('cadence:' || cadence_id::text), 1, 16))::bit(64)::bigint $$;
--> statement-breakpoint
-- Org-local day of an instant.
create function app.local_day(at timestamptz, zone text) returns date language sql stable parallel safe
	as $$ select (at at time zone zone)::date $$;
