DROP INDEX "messages_provider_id_idx";--> statement-breakpoint
DROP INDEX "messages_to_idx";--> statement-breakpoint
DROP INDEX "activities_open_idx";--> statement-breakpoint
DROP INDEX "activities_overdue_idx";--> statement-breakpoint
CREATE INDEX "messages_provider_id_idx" ON "messages" USING btree ("org_id","provider_id") WHERE provider_id is not null and channel = 'whatsapp';--> statement-breakpoint
CREATE INDEX "messages_to_idx" ON "messages" USING btree ("org_id","to_address","sent_at") WHERE sent_at is not null;--> statement-breakpoint
CREATE INDEX "activities_open_idx" ON "activities" USING btree ("org_id","owner_id","due_at","id") WHERE completed_at is null and cancelled_at is null and deleted_at is null;--> statement-breakpoint
CREATE INDEX "activities_overdue_idx" ON "activities" USING btree ("due_at","id") WHERE completed_at is null and cancelled_at is null and deleted_at is null and overdue_at is null;