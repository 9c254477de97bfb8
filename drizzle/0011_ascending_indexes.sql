DROP INDEX "notifications_user_idx";--> statement-breakpoint
DROP INDEX "records_created_idx";--> statement-breakpoint
DROP INDEX "records_modified_idx";--> statement-breakpoint
DROP INDEX "records_owner_idx";--> statement-breakpoint
DROP INDEX "enrollments_cadence_idx";--> statement-breakpoint
CREATE INDEX "notifications_user_idx" ON "notifications" USING btree ("org_id","user_id","created_at");--> statement-breakpoint
CREATE INDEX "records_created_idx" ON "records" USING btree ("org_id","module_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "records_modified_idx" ON "records" USING btree ("org_id","module_id","modified_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "records_owner_idx" ON "records" USING btree ("org_id","module_id","owner_id","created_at","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "enrollments_cadence_idx" ON "enrollments" USING btree ("org_id","cadence_id","status","enrolled_at");