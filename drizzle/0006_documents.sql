CREATE TABLE "document_contributors" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"last_seq" bigint NOT NULL,
	CONSTRAINT "document_contributors_pkey" PRIMARY KEY("org_id","cadence_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "compacted_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "document_contributors" ADD CONSTRAINT "document_contributors_document_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."documents"("org_id","cadence_id") ON DELETE no action ON UPDATE no action;