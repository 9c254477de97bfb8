-- Every index of these tables is paid for by every step of every run.
--
-- An activity of a run has the id of its action_run from now on: its own key then says that there is one at most. The
-- older ones give theirs to their action_runs, because an activity's id stands in addresses and notices.
alter table activities no force row level security;
--> statement-breakpoint
alter table action_runs no force row level security;
--> statement-breakpoint
alter table messages no force row level security;
--> statement-breakpoint
update messages m set action_run_id = t.id from activities t
where t.review and t.org_id = m.org_id and t.action_run_id = m.action_run_id and t.id <> m.action_run_id;
--> statement-breakpoint
update action_runs a set id = t.id from activities t
where t.org_id = a.org_id and t.action_run_id = a.id and t.id <> a.id;
--> statement-breakpoint
update activities set action_run_id = id where action_run_id <> id;
--> statement-breakpoint
alter table activities force row level security;
--> statement-breakpoint
alter table action_runs force row level security;
--> statement-breakpoint
alter table messages force row level security;
--> statement-breakpoint
DROP INDEX "activities_action_run_key";--> statement-breakpoint
ALTER TABLE "activities" ADD CONSTRAINT "activities_action_run_check" CHECK (action_run_id = id);--> statement-breakpoint
ALTER TABLE "action_runs" DROP CONSTRAINT "action_runs_once_key";--> statement-breakpoint
ALTER TABLE "action_runs" DROP CONSTRAINT "action_runs_pkey";--> statement-breakpoint
ALTER TABLE "action_runs" ADD CONSTRAINT "action_runs_pkey" PRIMARY KEY("enrollment_id","run_no","action_id");--> statement-breakpoint
DROP INDEX "enrollments_cadence_idx";--> statement-breakpoint
CREATE INDEX "enrollments_cadence_idx" ON "enrollments" USING btree ("cadence_id","status","enrolled_at","id");
