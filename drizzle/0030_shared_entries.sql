DROP INDEX "activities_open_idx";--> statement-breakpoint
DROP INDEX "activities_overdue_idx";--> statement-breakpoint
CREATE INDEX "activities_open_idx" ON "activities" USING btree ("org_id","owner_id","due_at") WHERE completed_at is null and cancelled_at is null and deleted_at is null;--> statement-breakpoint
CREATE INDEX "activities_overdue_idx" ON "activities" USING btree ("due_at") WHERE completed_at is null and cancelled_at is null and deleted_at is null and overdue_at is null;