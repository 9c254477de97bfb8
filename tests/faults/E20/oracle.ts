import type { Sql } from 'postgres';

/**
 * GRA-5 as PostgreSQL reckons it: `AT TIME ZONE`, `timestamp + interval` and lists of days. It knows nothing of the
 * product. Everything is made in `pg_temp`, so the connection must stay the same.
 */
const functions = [
	// As Temporal `compatible`: PostgreSQL moves a gap forward by itself, but takes the second of two; look for an
	// earlier instant that shows the same wall clock.
	`create function pg_temp.instant_of(l timestamp, z text) returns timestamptz language sql stable as $$
		select coalesce(min(t) filter (where t at time zone z = l), l at time zone z)
		from (values (interval '0'), ('30 min'), ('1 h'), ('2 h'), ('3 h')) b(back),
			lateral (select (l at time zone z) - back as t) x $$`,
	`create function pg_temp.works(d date, hours jsonb, holidays date[]) returns boolean language sql stable as $$
		select hours ? extract(isodow from d)::int::text and not d = any(holidays) $$`,
	`create function pg_temp.business_day(f timestamptz, n int, org text, hours jsonb, holidays date[])
		returns timestamptz language sql stable as $$
		select pg_temp.instant_of(d + (f at time zone org)::time, org)
		from (select (f at time zone org)::date + k as d from generate_series(1, n * 3 + 14) k) x
		where pg_temp.works(d, hours, holidays) order by d offset n - 1 limit 1 $$`,
	`create function pg_temp.business_time(f timestamptz, amount interval, org text, hours jsonb, holidays date[])
		returns timestamptz language sql stable as $$
		select upto - (passed - amount) from (
			select d, upto, sum(upto - since) over (order by d) as passed
			from (select (f at time zone org)::date + k as d from generate_series(0, 14 + extract(epoch from amount)::int / 7200) k) x,
				lateral (select greatest(f, pg_temp.instant_of(d + (hours -> extract(isodow from d)::int::text ->> 'from')::time,
						org)) as since,
					pg_temp.instant_of(d + (hours -> extract(isodow from d)::int::text ->> 'to')::time, org) as upto) o
			where pg_temp.works(d, hours, holidays) and upto > since) y
		where passed >= amount order by d limit 1 $$`,
	`create function pg_temp.stepped(f timestamptz, n int, unit text, z text, org text, hours jsonb, holidays date[])
		returns timestamptz language sql stable as $$
		select case unit
			when 'immediately' then f
			when 'minutes' then f + make_interval(mins => n)
			when 'hours' then f + make_interval(hours => n)
			when 'days' then pg_temp.instant_of((f at time zone z) + make_interval(days => n), z)
			when 'weeks' then pg_temp.instant_of((f at time zone z) + make_interval(weeks => n), z)
			when 'months' then pg_temp.instant_of((f at time zone z) + make_interval(months => n), z)
			when 'businessDays' then pg_temp.business_day(f, n, org, hours, holidays)
			when 'businessHours' then pg_temp.business_time(f, make_interval(hours => n), org, hours, holidays) end $$`,
	// The allowed stretches of each local day, cut at the org's midnights: the first that is not over and no holiday.
	`create function pg_temp.fitted(t timestamptz, at time, days int[], since time, upto time, holidays date[], z text, org text,
			ahead int) returns timestamptz language sql stable as $$
		with local_days as (
			select d from (select (t at time zone z)::date + k as d from generate_series(-1, ahead) k) x
			where days is null or extract(isodow from d)::int = any(days)
		), spans as (
			select pg_temp.instant_of(d + a, z) as a,
				pg_temp.instant_of(case when b = time '24:00' then d + 1 + time '00:00' else d + b end, z) as b
			from local_days, lateral (
				select since as a, upto as b where since < upto
				union all select time '00:00', upto where since > upto
				union all select since, time '24:00' where since > upto
				union all select time '00:00', time '24:00' where since is null or since = upto) s
		), fixed as (
			select pg_temp.instant_of(d + at, z) as c from local_days
			where since is null or since = upto or (since < upto and at >= since and at < upto)
				or (since > upto and (at >= since or at < upto))
		), starts as (
			select c from fixed where at is not null
			union all
			select greatest(t, a) from spans where at is null and b > greatest(t, a)
			union all
			select m from spans, generate_series(0, 2) k,
				lateral (select pg_temp.instant_of((a at time zone org)::date + k + time '00:00', org) as m) o
			where at is null and m > greatest(t, a) and m < b
		)
		select min(c) from starts where c >= t and not (c at time zone org)::date = any(holidays) $$`
];

/** One delay to reckon. `holidays` are org-local dates; `hours` are opening times by ISO weekday. */
export type TimeCase = {
	i: number;
	zone: string;
	org: string;
	from: string;
	amount: number;
	unit: string;
	at: string | null;
	weekdays: number[] | null;
	since: string | null;
	upto: string | null;
	holidays: string[];
	hours: Record<string, { from: string; to: string }>;
};

export type Reckoned = {
	i: number;
	stepped: number;
	due: number;
	/** What the zone's clock shows at the instant the product answered. */
	wrong: string | null;
};

export async function createOracle(sql: Sql): Promise<void> {
	for (const text of functions) await sql.unsafe(text);
}

const columns = `i int, zone text, org text, "from" timestamptz, amount int, unit text, at time, weekdays int[], since time,
	upto time, holidays date[], hours jsonb, answer timestamptz`;

/**
 * What is due when, and what is wrong with the product's own answer seen by itself: too early, another hour of the day
 * than asked for, a weekday, window or holiday that is not allowed.
 */
export async function reckon(
	sql: Sql,
	cases: readonly (TimeCase & { answer: string })[]
): Promise<Reckoned[]> {
	const rows = await sql.unsafe<Reckoned[]>(
		`with given as materialized (select * from jsonb_to_recordset($1::text::jsonb) as c(${columns})
		), s as materialized (
			select *, pg_temp.stepped("from", amount, unit, zone, org, hours, holidays) as stepped,
				unit in ('days', 'businessDays', 'weeks', 'months', 'businessHours') or weekdays is not null or since is not null
					as held,
				case when unit in ('days', 'businessDays', 'weeks', 'months') then at end as fixed from given
		), h as (
			select *, case when held then holidays else '{}' end as forbidden from s
		), d as (
			select *, case when fixed is null and weekdays is null and since is null and (not held or holidays = '{}') then stepped
				else coalesce(pg_temp.fitted(stepped, fixed, weekdays, since, upto, forbidden, zone, org, 3),
					pg_temp.fitted(stepped, fixed, weekdays, since, upto, forbidden, zone, org, 24)) end as due,
				answer at time zone zone as clock,
				-- In a gap no clock shows the time that was asked for; what the clock shows twice was meant the first time.
				extract(epoch from (answer at time zone zone) - ((answer - interval '4 h') at time zone zone)) <> 4 * 3600
					as changed
			from h
		)
		select i, extract(epoch from stepped)::float8 * 1000 as stepped, extract(epoch from due)::float8 * 1000 as due,
			case when answer < "from" or answer < stepped then 'early'
				when changed then null
				when unit in ('days', 'weeks', 'months') and fixed is null and weekdays is null and since is null
					and holidays = '{}' and clock::time <> ("from" at time zone zone)::time then 'another hour'
				when fixed is not null and clock::time <> fixed then 'not at the time'
				when weekdays is not null and not extract(isodow from clock)::int = any(weekdays) then 'weekday'
				when fixed is null and since < upto and not (clock::time >= since and clock::time < upto) then 'window'
				when fixed is null and since > upto and not (clock::time >= since or clock::time < upto) then 'window'
				when held and (answer at time zone org)::date = any(holidays) then 'holiday' end as wrong
		from d order by i`,
		[JSON.stringify(cases)]
	);
	return [...rows];
}

/** When the clocks of each zone change in a year, as PostgreSQL sees it. */
export async function findTransitions(
	sql: Sql,
	zones: readonly string[],
	from: string,
	until: string
): Promise<{ zone: string; at: number }[]> {
	const rows = await sql.unsafe<{ zone: string; at: number }[]>(
		`select z as zone, extract(epoch from t)::float8 * 1000 as at from (
			select z, t, (t at time zone z) - (t at time zone 'UTC') as o,
				lag((t at time zone z) - (t at time zone 'UTC')) over (partition by z order by t) as p
			from unnest($1::text[]) z, generate_series($2::timestamptz, $3::timestamptz, '30 min') t) x
		where o <> p order by z, t`,
		[zones as string[], from, until]
	);
	return [...rows];
}
