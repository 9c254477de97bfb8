ALTER TABLE "messages" DROP CONSTRAINT "messages_action_run_fkey";
--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_record_fkey";
--> statement-breakpoint
ALTER TABLE "action_runs" DROP CONSTRAINT "action_runs_enrollment_fkey";
--> statement-breakpoint
ALTER TABLE "activities" DROP CONSTRAINT "activities_record_fkey";
--> statement-breakpoint
ALTER TABLE "activities" DROP CONSTRAINT "activities_action_run_fkey";
--> statement-breakpoint
DROP INDEX "events_record_idx";--> statement-breakpoint
DROP INDEX "activities_remind_idx";--> statement-breakpoint
ALTER TABLE "events" DROP CONSTRAINT "events_pkey";--> statement-breakpoint
CREATE INDEX "activities_remind_idx" ON "activities" USING btree ((coalesce("snoozed_until", "remind_at", "due_at"))) WHERE reminded_at is null and completed_at is null and cancelled_at is null and deleted_at is null and (kind = 'call' or remind_at is not null or snoozed_until is not null);
--> statement-breakpoint
-- In place of the foreign keys: parents never go. They end, and are marked deleted.
revoke delete on records, enrollments, action_runs, activities, messages from app_web, app_worker;
--> statement-breakpoint
-- An activity made by hand names any record of its organization; one of a run takes it from the run.
create function app.check_activity_record() returns trigger language plpgsql as $$
begin
	if not exists (select 1 from records r where r.org_id = new.org_id and r.id = new.record_id) then
		raise foreign_key_violation using constraint = 'activities_record_fkey',
			message = 'The record of the activity does not exist.';
	end if;
	return null;
end $$;
--> statement-breakpoint
create trigger activities_made after insert on activities for each row when (new.action_run_id is null)
	execute function app.check_activity_record();
--> statement-breakpoint
create trigger activities_moved after update of record_id on activities for each row
	when (old.record_id is distinct from new.record_id) execute function app.check_activity_record();
