CREATE TABLE "round_robins" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"action_id" text NOT NULL,
	"last_user_id" uuid,
	CONSTRAINT "round_robins_pkey" PRIMARY KEY("org_id","cadence_id","action_id")
);
--> statement-breakpoint
CREATE TABLE "webhook_calls" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"action_run_id" uuid NOT NULL,
	"enrollment_id" uuid NOT NULL,
	"run_no" integer NOT NULL,
	"action_id" text NOT NULL,
	"cadence_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"queued_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"not_before" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"wait_reason" text,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"first_attempt_at" timestamp (3) with time zone,
	"claim" uuid,
	"lease_until" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	"http_status" smallint,
	"last_error" text,
	CONSTRAINT "webhook_calls_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "webhook_calls_action_run_key" UNIQUE("org_id","action_run_id")
);
--> statement-breakpoint
CREATE TABLE "webhook_secrets" (
	"org_id" uuid NOT NULL,
	"secret_sealed" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "webhook_secrets_pkey" PRIMARY KEY("org_id")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "variant" text;--> statement-breakpoint
ALTER TABLE "action_runs" ADD COLUMN "variant" text;--> statement-breakpoint
ALTER TABLE "activities" ADD COLUMN "review" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "webhook_calls_queue_idx" ON "webhook_calls" USING btree ("not_before","id") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "webhook_calls_lease_idx" ON "webhook_calls" USING btree ("lease_until") WHERE status = 'claimed';--> statement-breakpoint
CREATE INDEX "webhook_calls_enrollment_idx" ON "webhook_calls" USING btree ("org_id","enrollment_id");--> statement-breakpoint
alter table webhook_calls set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01);
--> statement-breakpoint
-- Tables of an organization: forced row level security; the worker claims over all organizations.
do $$
declare
	t text;
begin
	foreach t in array array['round_robins', 'webhook_calls', 'webhook_secrets'] loop
		execute format('alter table %I enable row level security', t);
		execute format('alter table %I force row level security', t);
		execute format('create policy owner_all on %I to current_user using (true) with check (true)', t);
		execute format('create policy org on %I to app_web, app_worker using (org_id = app.org_id()) with check (org_id = app.org_id())', t);
	end loop;
	foreach t in array array['round_robins', 'webhook_calls'] loop
		execute format('create policy engine on %I to app_worker using (true) with check (true)', t);
	end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on round_robins, webhook_calls to app_web, app_worker;
--> statement-breakpoint
grant select, insert, update on webhook_secrets to app_web, app_worker;
