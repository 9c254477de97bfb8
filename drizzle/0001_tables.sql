CREATE TABLE "audit_entries" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"actor_id" uuid,
	"action" text NOT NULL,
	"object_type" text NOT NULL,
	"object_id" uuid,
	"before" jsonb,
	"after" jsonb,
	"ip" text,
	"request_id" text,
	CONSTRAINT "audit_entries_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "background_tasks" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"processed" integer DEFAULT 0 NOT NULL,
	"input" jsonb NOT NULL,
	"cursor" jsonb,
	"result" jsonb,
	"error" text,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "background_tasks_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"body" text DEFAULT '' NOT NULL,
	"link" text,
	"dedupe_key" text,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"read_at" timestamp (3) with time zone,
	CONSTRAINT "notifications_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"business_hours" jsonb NOT NULL,
	"holidays" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"call_results" jsonb NOT NULL,
	"edition" text DEFAULT 'standard' NOT NULL,
	"add_ons" integer DEFAULT 0 NOT NULL,
	"emails_per_day" integer,
	"actions_per_cadence" integer,
	"mail_domain" text NOT NULL,
	"postal_address" text DEFAULT '' NOT NULL,
	"require_unsubscribe_block" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "profiles" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"permissions" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "profiles_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "rate_limits" (
	"key" text PRIMARY KEY NOT NULL,
	"points" integer NOT NULL,
	"expire" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"org_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"last_seen_at" timestamp (3) with time zone,
	"ip" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "users" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"profile_id" uuid NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"theme" text DEFAULT 'system' NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "users_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "users_id_key" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "cadence_limits" (
	"org_id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	CONSTRAINT "cadence_limits_pkey" PRIMARY KEY("org_id","module_id")
);
--> statement-breakpoint
CREATE TABLE "cadence_versions" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"n" integer NOT NULL,
	"plan" jsonb NOT NULL,
	"plan_sha256" text NOT NULL,
	"graph" jsonb NOT NULL,
	"doc_generation" integer NOT NULL,
	"doc_seq" bigint NOT NULL,
	"note" text DEFAULT '' NOT NULL,
	"changes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"published_by" uuid NOT NULL,
	"published_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "cadence_versions_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "cadence_versions_n_key" UNIQUE("org_id","cadence_id","n")
);
--> statement-breakpoint
CREATE TABLE "cadences" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"enrollment_kind" text NOT NULL,
	"state" text DEFAULT 'draft' NOT NULL,
	"active_version_id" uuid,
	"view_id" uuid,
	"draft_pending" boolean DEFAULT true NOT NULL,
	"activated_at" timestamp (3) with time zone,
	"scanned_at" timestamp (3) with time zone,
	"next_scan_at" timestamp (3) with time zone,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"published_by" uuid,
	"published_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "cadences_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "document_clients" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"client_id" bigint NOT NULL,
	"user_id" uuid NOT NULL,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "document_clients_pkey" PRIMARY KEY("org_id","cadence_id","generation","client_id")
);
--> statement-breakpoint
CREATE TABLE "document_snapshots" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"seq" bigint NOT NULL,
	"bytes" "bytea" NOT NULL,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "document_snapshots_pkey" PRIMARY KEY("org_id","cadence_id","generation","seq")
);
--> statement-breakpoint
CREATE TABLE "document_updates" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"generation" integer NOT NULL,
	"seq" bigint NOT NULL,
	"bytes" "bytea" NOT NULL,
	"user_id" uuid,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "document_updates_pkey" PRIMARY KEY("org_id","cadence_id","generation","seq")
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "documents_pkey" PRIMARY KEY("org_id","cadence_id")
);
--> statement-breakpoint
CREATE TABLE "email_quotas" (
	"org_id" uuid NOT NULL,
	"day" date NOT NULL,
	"used" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "email_quotas_pkey" PRIMARY KEY("org_id","day")
);
--> statement-breakpoint
CREATE TABLE "email_relays" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"host" text NOT NULL,
	"port" integer NOT NULL,
	"security" text NOT NULL,
	"username" text DEFAULT '' NOT NULL,
	"password_sealed" text,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "email_relays_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "email_relays_org_key" UNIQUE("org_id")
);
--> statement-breakpoint
CREATE TABLE "email_templates" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"module_id" uuid,
	"subject" text NOT NULL,
	"html" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_by" uuid,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"modified_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "email_templates_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "inbound_messages" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"channel" text NOT NULL,
	"message_id" uuid,
	"record_id" uuid,
	"from_address" text NOT NULL,
	"subject" text DEFAULT '' NOT NULL,
	"text" text DEFAULT '' NOT NULL,
	"kind" text NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "inbound_messages_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"channel" text NOT NULL,
	"action_run_id" uuid NOT NULL,
	"enrollment_id" uuid NOT NULL,
	"run_no" integer NOT NULL,
	"action_id" text NOT NULL,
	"cadence_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"template_id" uuid,
	"template_version" integer,
	"sender_id" uuid,
	"to_address" text NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"subject" text,
	"html" text,
	"links" text[],
	"rfc_message_id" text,
	"in_reply_to" text,
	"provider_id" text,
	"queued_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"not_before" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"wait_reason" text,
	"attempt" smallint DEFAULT 0 NOT NULL,
	"claim" uuid,
	"lease_until" timestamp (3) with time zone,
	"quota_day" date,
	"sent_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"opened_at" timestamp (3) with time zone,
	"clicked_at" timestamp (3) with time zone,
	"replied_at" timestamp (3) with time zone,
	"bounced_at" timestamp (3) with time zone,
	"read_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	"error_code" text,
	"error_text" text,
	"resolved_by" uuid,
	"resolved_at" timestamp (3) with time zone,
	"resolution" text,
	CONSTRAINT "messages_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "messages_action_run_key" UNIQUE("org_id","action_run_id")
);
--> statement-breakpoint
CREATE TABLE "senders" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid,
	"name" text NOT NULL,
	"address" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"paused_reason" text,
	"paused_until" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "senders_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"channel" text NOT NULL,
	"address" text NOT NULL,
	"reason" text NOT NULL,
	"source" text DEFAULT '' NOT NULL,
	"message_id" uuid,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"created_by" uuid,
	"lifted_at" timestamp (3) with time zone,
	"lifted_by" uuid,
	"lift_reason" text,
	CONSTRAINT "suppressions_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "whatsapp_accounts" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"base_url" text NOT NULL,
	"api_version" text DEFAULT 'v24.0' NOT NULL,
	"phone_number_id" text NOT NULL,
	"business_account_id" text NOT NULL,
	"token_sealed" text NOT NULL,
	"app_secret_sealed" text NOT NULL,
	"verify_token_sealed" text NOT NULL,
	"status" text DEFAULT 'connected' NOT NULL,
	"paused_reason" text,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "whatsapp_accounts_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "whatsapp_accounts_org_key" UNIQUE("org_id")
);
--> statement-breakpoint
CREATE TABLE "whatsapp_templates" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider_id" text NOT NULL,
	"name" text NOT NULL,
	"language" text NOT NULL,
	"category" text NOT NULL,
	"status" text NOT NULL,
	"components" jsonb NOT NULL,
	"synced_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "whatsapp_templates_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "whatsapp_templates_provider_key" UNIQUE("org_id","provider_id")
);
--> statement-breakpoint
CREATE TABLE "fields" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"key" text NOT NULL,
	"label" text NOT NULL,
	"type" text NOT NULL,
	"options" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"required" boolean DEFAULT false NOT NULL,
	"unique" boolean DEFAULT false NOT NULL,
	"system" boolean DEFAULT false NOT NULL,
	"lookup_module_id" uuid,
	"position" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "fields_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "fields_key_key" UNIQUE("org_id","module_id","key")
);
--> statement-breakpoint
CREATE TABLE "import_errors" (
	"org_id" uuid NOT NULL,
	"import_id" uuid NOT NULL,
	"row" integer NOT NULL,
	"column" text DEFAULT '' NOT NULL,
	"message" text NOT NULL,
	"raw" jsonb NOT NULL,
	CONSTRAINT "import_errors_pkey" PRIMARY KEY("org_id","import_id","row","column")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"file_name" text NOT NULL,
	"content" "bytea",
	"status" text DEFAULT 'uploaded' NOT NULL,
	"settings" jsonb,
	"total" integer DEFAULT 0 NOT NULL,
	"processed" integer DEFAULT 0 NOT NULL,
	"created" integer DEFAULT 0 NOT NULL,
	"updated" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"error" text,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "imports_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "modules" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"key" text NOT NULL,
	"singular" text NOT NULL,
	"plural" text NOT NULL,
	"kind" text NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "modules_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "modules_key_key" UNIQUE("org_id","key")
);
--> statement-breakpoint
CREATE TABLE "record_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "record_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"org_id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "records" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"name" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"data" jsonb NOT NULL,
	"tags" text[] DEFAULT '{}'::text[] NOT NULL,
	"time_zone" text,
	"email_opt_out" boolean DEFAULT false NOT NULL,
	"call_opt_out" boolean DEFAULT false NOT NULL,
	"whatsapp_opt_out" boolean DEFAULT false NOT NULL,
	"search" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"created_by" uuid,
	"modified_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"modified_by" uuid,
	"deleted_at" timestamp (3) with time zone,
	"converted_at" timestamp (3) with time zone,
	"merged_into_id" uuid,
	CONSTRAINT "records_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "views" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"module_id" uuid NOT NULL,
	"name" text NOT NULL,
	"system" boolean DEFAULT false NOT NULL,
	"criteria" jsonb NOT NULL,
	"columns" jsonb NOT NULL,
	"sort" jsonb NOT NULL,
	"shared" boolean DEFAULT true NOT NULL,
	"owner_id" uuid,
	"revision" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"modified_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	CONSTRAINT "views_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "action_runs" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"enrollment_id" uuid NOT NULL,
	"run_no" integer NOT NULL,
	"action_id" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"started_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"executed_at" timestamp (3) with time zone,
	CONSTRAINT "action_runs_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "action_runs_once_key" UNIQUE("org_id","enrollment_id","run_no","action_id")
);
--> statement-breakpoint
CREATE TABLE "activities" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"record_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"status" text NOT NULL,
	"result" text,
	"note" text DEFAULT '' NOT NULL,
	"duration_seconds" integer,
	"priority" text DEFAULT 'Normal' NOT NULL,
	"phone" text,
	"due_at" timestamp (3) with time zone,
	"remind_at" timestamp (3) with time zone,
	"reminded_at" timestamp (3) with time zone,
	"snoozed_until" timestamp (3) with time zone,
	"overdue_at" timestamp (3) with time zone,
	"completed_at" timestamp (3) with time zone,
	"cancelled_at" timestamp (3) with time zone,
	"cancelled_by" text,
	"deleted_at" timestamp (3) with time zone,
	"action_run_id" uuid,
	"enrollment_id" uuid,
	"run_no" integer,
	"action_id" text,
	"created_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"created_by" uuid,
	CONSTRAINT "activities_pkey" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "enrollments" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"run_no" integer DEFAULT 1 NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"pause_causes" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"paused_until" timestamp (3) with time zone,
	"race" jsonb,
	"next_branch_id" text,
	"next_action_id" text,
	"due_at" timestamp (3) with time zone,
	"frozen" jsonb,
	"done" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"current_action_id" text,
	"follow_up" smallint DEFAULT 0 NOT NULL,
	"last_response" text,
	"last_response_at" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"enrolled_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"enrolled_by" uuid,
	"source" text NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"ended_by" uuid,
	"end_reason" text,
	"end_detail" text,
	"quarantined_at" timestamp (3) with time zone,
	"quarantine_reason" text,
	CONSTRAINT "enrollments_pkey" PRIMARY KEY("org_id","id"),
	CONSTRAINT "enrollments_record_key" UNIQUE("org_id","cadence_id","record_id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"org_id" uuid NOT NULL,
	"id" bigserial NOT NULL,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"cadence_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"enrollment_id" uuid NOT NULL,
	"run_no" integer NOT NULL,
	"record_id" uuid NOT NULL,
	"action_id" text,
	"follow_up" smallint,
	"kind" text NOT NULL,
	"detail" text,
	"first" boolean DEFAULT true NOT NULL,
	"machine" boolean DEFAULT false NOT NULL,
	"late" boolean DEFAULT false NOT NULL,
	"actor_id" uuid,
	"enrolled_day" date NOT NULL,
	"day" date NOT NULL,
	"data" jsonb,
	CONSTRAINT "events_pkey" PRIMARY KEY("id","at")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "inbound_events" (
	"org_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"message_id" uuid,
	"payload" jsonb,
	CONSTRAINT "inbound_events_pkey" PRIMARY KEY("org_id","provider","event_id")
);
--> statement-breakpoint
CREATE TABLE "report_counts" (
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"action_id" text NOT NULL,
	"kind" text NOT NULL,
	"detail" text NOT NULL,
	"first" boolean NOT NULL,
	"machine" boolean NOT NULL,
	"day" date NOT NULL,
	"enrolled_day" date NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "report_counts_pkey" PRIMARY KEY("org_id","cadence_id","version_id","action_id","kind","detail","first","machine","day","enrolled_day")
);
--> statement-breakpoint
CREATE TABLE "report_deltas" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "report_deltas_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"org_id" uuid NOT NULL,
	"cadence_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"action_id" text DEFAULT '' NOT NULL,
	"kind" text NOT NULL,
	"detail" text DEFAULT '' NOT NULL,
	"first" boolean NOT NULL,
	"machine" boolean DEFAULT false NOT NULL,
	"day" date NOT NULL,
	"enrolled_day" date NOT NULL,
	"count" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "responses" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "responses_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"org_id" uuid NOT NULL,
	"enrollment_id" uuid NOT NULL,
	"run_no" integer NOT NULL,
	"action_id" text NOT NULL,
	"kind" text NOT NULL,
	"parameter" text,
	"at" timestamp (3) with time zone DEFAULT app.now() NOT NULL,
	"machine" boolean DEFAULT false NOT NULL,
	"detail" jsonb,
	"actor_id" uuid,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"quarantined_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_fkey" FOREIGN KEY ("org_id","user_id") REFERENCES "public"."users"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_profile_fkey" FOREIGN KEY ("org_id","profile_id") REFERENCES "public"."profiles"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cadence_versions" ADD CONSTRAINT "cadence_versions_cadence_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."cadences"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cadences" ADD CONSTRAINT "cadences_module_fkey" FOREIGN KEY ("org_id","module_id") REFERENCES "public"."modules"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_clients" ADD CONSTRAINT "document_clients_document_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."documents"("org_id","cadence_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_snapshots" ADD CONSTRAINT "document_snapshots_document_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."documents"("org_id","cadence_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_updates" ADD CONSTRAINT "document_updates_document_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."documents"("org_id","cadence_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_cadence_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."cadences"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_action_run_fkey" FOREIGN KEY ("org_id","action_run_id") REFERENCES "public"."action_runs"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_record_fkey" FOREIGN KEY ("org_id","record_id") REFERENCES "public"."records"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fields" ADD CONSTRAINT "fields_module_fkey" FOREIGN KEY ("org_id","module_id") REFERENCES "public"."modules"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_errors" ADD CONSTRAINT "import_errors_import_fkey" FOREIGN KEY ("org_id","import_id") REFERENCES "public"."imports"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_module_fkey" FOREIGN KEY ("org_id","module_id") REFERENCES "public"."modules"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "records" ADD CONSTRAINT "records_module_fkey" FOREIGN KEY ("org_id","module_id") REFERENCES "public"."modules"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "views" ADD CONSTRAINT "views_module_fkey" FOREIGN KEY ("org_id","module_id") REFERENCES "public"."modules"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "action_runs" ADD CONSTRAINT "action_runs_enrollment_fkey" FOREIGN KEY ("org_id","enrollment_id") REFERENCES "public"."enrollments"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "activities" ADD CONSTRAINT "activities_record_fkey" FOREIGN KEY ("org_id","record_id") REFERENCES "public"."records"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "activities" ADD CONSTRAINT "activities_action_run_fkey" FOREIGN KEY ("org_id","action_run_id") REFERENCES "public"."action_runs"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrollments" ADD CONSTRAINT "enrollments_cadence_fkey" FOREIGN KEY ("org_id","cadence_id") REFERENCES "public"."cadences"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrollments" ADD CONSTRAINT "enrollments_record_fkey" FOREIGN KEY ("org_id","record_id") REFERENCES "public"."records"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrollments" ADD CONSTRAINT "enrollments_version_fkey" FOREIGN KEY ("org_id","version_id") REFERENCES "public"."cadence_versions"("org_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entries_object_idx" ON "audit_entries" USING btree ("org_id","object_id","at");--> statement-breakpoint
CREATE INDEX "notifications_user_idx" ON "notifications" USING btree ("org_id","user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "notifications_dedupe_key" ON "notifications" USING btree ("org_id","user_id","dedupe_key") WHERE dedupe_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "profiles_name_key" ON "profiles" USING btree ("org_id",lower("name"));--> statement-breakpoint
CREATE INDEX "sessions_user_idx" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "cadences_name_key" ON "cadences" USING btree ("org_id",lower("name")) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "cadences_view_idx" ON "cadences" USING btree ("org_id","view_id") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "email_templates_name_key" ON "email_templates" USING btree ("org_id",lower("name")) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "inbound_messages_record_idx" ON "inbound_messages" USING btree ("org_id","record_id","received_at");--> statement-breakpoint
CREATE INDEX "messages_queue_idx" ON "messages" USING btree ("channel","not_before","id") WHERE status = 'queued';--> statement-breakpoint
CREATE INDEX "messages_lease_idx" ON "messages" USING btree ("lease_until") WHERE status in ('claimed', 'sending');--> statement-breakpoint
CREATE INDEX "messages_unknown_idx" ON "messages" USING btree ("org_id","settled_at") WHERE status = 'unknown';--> statement-breakpoint
CREATE INDEX "messages_enrollment_idx" ON "messages" USING btree ("org_id","enrollment_id");--> statement-breakpoint
CREATE INDEX "messages_record_idx" ON "messages" USING btree ("org_id","record_id","queued_at");--> statement-breakpoint
CREATE INDEX "messages_rfc_id_idx" ON "messages" USING btree ("rfc_message_id") WHERE rfc_message_id is not null;--> statement-breakpoint
CREATE INDEX "messages_provider_id_idx" ON "messages" USING btree ("org_id","provider_id") WHERE provider_id is not null;--> statement-breakpoint
CREATE INDEX "messages_to_idx" ON "messages" USING btree ("org_id","to_address","sent_at");--> statement-breakpoint
CREATE UNIQUE INDEX "senders_address_key" ON "senders" USING btree ("org_id",lower("address"));--> statement-breakpoint
CREATE INDEX "senders_user_idx" ON "senders" USING btree ("org_id","user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "suppressions_open_key" ON "suppressions" USING btree ("org_id","channel","address","reason") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "records_created_idx" ON "records" USING btree ("org_id","module_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "records_modified_idx" ON "records" USING btree ("org_id","module_id","modified_at" DESC NULLS LAST,"id" DESC NULLS LAST) WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "records_name_idx" ON "records" USING btree ("org_id","module_id",lower("name"),"id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "records_owner_idx" ON "records" USING btree ("org_id","module_id","owner_id","created_at" DESC NULLS LAST) WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "views_name_key" ON "views" USING btree ("org_id","module_id",lower("name"),coalesce(case when shared then null else owner_id end, '00000000-0000-0000-0000-000000000000'::uuid));--> statement-breakpoint
CREATE UNIQUE INDEX "activities_action_run_key" ON "activities" USING btree ("org_id","action_run_id") WHERE action_run_id is not null;--> statement-breakpoint
CREATE INDEX "activities_record_idx" ON "activities" USING btree ("org_id","record_id","created_at");--> statement-breakpoint
CREATE INDEX "activities_open_idx" ON "activities" USING btree ("org_id","owner_id","due_at") WHERE completed_at is null and cancelled_at is null and deleted_at is null;--> statement-breakpoint
CREATE INDEX "activities_overdue_idx" ON "activities" USING btree ("due_at") WHERE completed_at is null and cancelled_at is null and deleted_at is null and overdue_at is null;--> statement-breakpoint
CREATE INDEX "activities_remind_idx" ON "activities" USING btree ("remind_at") WHERE reminded_at is null and completed_at is null and cancelled_at is null and deleted_at is null;--> statement-breakpoint
CREATE INDEX "enrollments_due_idx" ON "enrollments" USING btree ("due_at","id") WHERE status = 'active' and due_at is not null and quarantined_at is null;--> statement-breakpoint
CREATE INDEX "enrollments_cadence_idx" ON "enrollments" USING btree ("org_id","cadence_id","status","enrolled_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "enrollments_record_idx" ON "enrollments" USING btree ("org_id","record_id");--> statement-breakpoint
CREATE INDEX "events_cadence_idx" ON "events" USING btree ("org_id","cadence_id","at");--> statement-breakpoint
CREATE INDEX "events_enrollment_idx" ON "events" USING btree ("org_id","enrollment_id","at");--> statement-breakpoint
CREATE INDEX "events_record_idx" ON "events" USING btree ("org_id","record_id","at");--> statement-breakpoint
CREATE INDEX "responses_open_idx" ON "responses" USING btree ("id") WHERE quarantined_at is null;