ALTER TABLE "responses" DROP COLUMN "attempts";
--> statement-breakpoint
-- RELIABILITY.md 2.6: what each lane of the engine has in hand, so that a run that ends the process is found. It says
-- nothing after a restart of the database, so it costs no write-ahead log.
create unlogged table app.engine_passes (
	lane uuid primary key,
	xid xid8 not null,
	ids uuid[] not null,
	at timestamptz not null default clock_timestamp()
);
--> statement-breakpoint
alter table app.engine_passes alter column ids set storage external;
--> statement-breakpoint
grant select, insert, update, delete on app.engine_passes to app_worker;
