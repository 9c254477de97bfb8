ALTER TABLE "enrollments" DROP CONSTRAINT "enrollments_record_key";--> statement-breakpoint
ALTER TABLE "enrollments" ADD CONSTRAINT "enrollments_record_key" UNIQUE("org_id","record_id","cadence_id");