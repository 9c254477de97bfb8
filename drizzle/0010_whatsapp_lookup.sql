-- Webhooks about templates and people name the business account, not the phone number.
create function app.whatsapp_business_org(business_account text) returns uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$ select a.org_id from whatsapp_accounts a where a.business_account_id = business_account limit 1 $$;
--> statement-breakpoint
revoke execute on function app.whatsapp_business_org(text) from public;
--> statement-breakpoint
grant execute on function app.whatsapp_business_org(text) to app_web, app_worker;
