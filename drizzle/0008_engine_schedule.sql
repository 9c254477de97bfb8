CREATE TABLE "view_exclusions" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	CONSTRAINT "view_exclusions_pkey" PRIMARY KEY("org_id","cadence_id","record_id")
);
--> statement-breakpoint
DROP INDEX "enrollments_due_idx";--> statement-breakpoint
ALTER TABLE "action_runs" ADD COLUMN "seen" text[] DEFAULT '{}'::text[] NOT NULL;--> statement-breakpoint
ALTER TABLE "view_exclusions" ADD CONSTRAINT "view_exclusions_cadence_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."cadences"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "responses_enrollment_idx" ON "responses" USING btree ("enrollment_id");--> statement-breakpoint
CREATE INDEX "enrollments_due_idx" ON "enrollments" USING btree ("cadence_id","due_at","id") WHERE status = 'active' and due_at is not null and quarantined_at is null;--> statement-breakpoint
alter table view_exclusions enable row level security;
--> statement-breakpoint
alter table view_exclusions force row level security;
--> statement-breakpoint
create policy owner_all on view_exclusions to current_user using (true) with check (true);
--> statement-breakpoint
create policy org on view_exclusions to app_web, app_worker using (org_id = app.org_id()) with check (org_id = app.org_id());
--> statement-breakpoint
create policy engine on view_exclusions to app_worker using (true) with check (true);
--> statement-breakpoint
grant select, insert, update, delete on view_exclusions to app_web, app_worker;
