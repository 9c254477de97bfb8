DROP INDEX "activities_remind_idx";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "deferred_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "crashes" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_held_quota_idx" ON "messages" USING btree ("org_id") WHERE status = 'cancelled' and quota_day is not null;--> statement-breakpoint
CREATE INDEX "activities_remind_idx" ON "activities" USING btree ((coalesce("snoozed_until", "remind_at", "due_at"))) WHERE reminded_at is null and completed_at is null and cancelled_at is null and deleted_at is null;