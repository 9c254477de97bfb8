/**
 * E21: loaded into a process (`node --import`): its wall clock is wrong by CLOCK_SHIFT_MS, as on a machine whose time was
 * never set. Timers and the monotonic clock stay right.
 */
const shift = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const Real = Date;
globalThis.Date = new Proxy(Real, {
	construct: (target, args: unknown[]) =>
		args.length
			? (Reflect.construct(target, args) as Date)
			: (Reflect.construct(target, [Real.now() + shift]) as Date),
	apply: () => new Real(Real.now() + shift).toString(),
	get: (target, key) => (key === 'now' ? () => Real.now() + shift : (Reflect.get(target, key) as unknown))
});
