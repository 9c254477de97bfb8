-- Everybody may enter any number: whose webhook it is says the signature alone, so all that name it are looked at.
create function app.whatsapp_orgs(phone_numbers text[], business_accounts text[]) returns setof uuid
	language sql stable security definer set search_path = public, pg_temp
	as $$ select a.org_id from whatsapp_accounts a
		where a.phone_number_id = any(phone_numbers) or a.business_account_id = any(business_accounts) order by a.created_at $$;
--> statement-breakpoint
revoke execute on function app.whatsapp_orgs(text[], text[]) from public;
--> statement-breakpoint
grant execute on function app.whatsapp_orgs(text[], text[]) to app_web, app_worker;
--> statement-breakpoint
drop function app.whatsapp_account_org(text);
--> statement-breakpoint
drop function app.whatsapp_business_org(text);
