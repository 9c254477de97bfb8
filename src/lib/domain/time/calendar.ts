/** The organization's working week: ISO weekday (1 = Monday) -> opening and closing time; absent = closed. */
export type BusinessHours = Partial<Record<1 | 2 | 3 | 4 | 5 | 6 | 7, { from: string; to: string }>>;

/** What `fit` needs to know besides the delay (GRA-5). Zones are IANA names; holidays are org-local dates. */
export type Calendar = {
	orgTimeZone: string;
	businessHours: BusinessHours;
	holidays: ReadonlySet<string>;
};

export const defaultBusinessHours: BusinessHours = {
	1: { from: '09:00', to: '17:00' },
	2: { from: '09:00', to: '17:00' },
	3: { from: '09:00', to: '17:00' },
	4: { from: '09:00', to: '17:00' },
	5: { from: '09:00', to: '17:00' }
};
