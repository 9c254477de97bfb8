DROP INDEX "records_name_idx";--> statement-breakpoint
ALTER TABLE "records" ADD COLUMN "name_sort" text collate "C" GENERATED ALWAYS AS (lower(name)) STORED;--> statement-breakpoint
CREATE INDEX "records_name_idx" ON "records" USING btree ("org_id","module_id","name_sort","id") WHERE deleted_at is null;