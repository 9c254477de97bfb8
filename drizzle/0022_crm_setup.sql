CREATE TABLE "view_layouts" (
	"org_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"view_id" uuid NOT NULL,
	"columns" jsonb NOT NULL,
	CONSTRAINT "view_layouts_pkey" PRIMARY KEY("org_id","user_id","view_id")
);
--> statement-breakpoint
ALTER TABLE "fields" ADD COLUMN "option_labels" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "fields" ADD COLUMN "retired_options" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "fields" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "undo" jsonb;--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "former_names" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "view_layouts" ADD CONSTRAINT "view_layouts_view_fkey" FOREIGN KEY ("org_id","view_id") REFERENCES "public"."views"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entries_import_idx" ON "audit_entries" USING btree ("org_id","request_id","id") WHERE request_id >= 'import/' and request_id < 'import0';
--> statement-breakpoint
alter table view_layouts enable row level security;
--> statement-breakpoint
alter table view_layouts force row level security;
--> statement-breakpoint
create policy owner_all on view_layouts to current_user using (true) with check (true);
--> statement-breakpoint
create policy org on view_layouts to app_web, app_worker using (org_id = app.org_id()) with check (org_id = app.org_id());
--> statement-breakpoint
grant select, insert, update, delete on view_layouts to app_web, app_worker;
