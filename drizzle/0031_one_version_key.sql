-- A run refers to a version of its own cadence: one key instead of two. None on its record, as with activities (0017):
-- who enrolls selects the record in the same statement, and records never go.
ALTER TABLE "cadence_versions" ADD CONSTRAINT "cadence_versions_cadence_key" UNIQUE("org_id","cadence_id","id");
--> statement-breakpoint
ALTER TABLE "enrollments" DROP CONSTRAINT "enrollments_cadence_fkey";
--> statement-breakpoint
ALTER TABLE "enrollments" DROP CONSTRAINT "enrollments_record_fkey";
--> statement-breakpoint
ALTER TABLE "enrollments" DROP CONSTRAINT "enrollments_version_fkey";
--> statement-breakpoint
ALTER TABLE "enrollments" ADD CONSTRAINT "enrollments_version_fkey" FOREIGN KEY ("org_id","cadence_id","version_id") REFERENCES "public"."cadence_versions"("org_id","cadence_id","id");
