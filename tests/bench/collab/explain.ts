import type { Summary } from './measure.ts';

/** The figures for people. */
export function explain(say: (line: string) => void, figures: Summary): void {
	for (const [size, relays] of Object.entries(figures)) {
		if (typeof relays !== 'object') continue;
		say(`${size} editors`.padEnd(16) + ['p50 ms', 'p95 ms', 'edits/s', 'CPU us'].map(column).join(''));
		for (const [name, values] of Object.entries(relays as object))
			say(
				`  ${name.padEnd(14)}` +
					Object.values(values as object)
						.map(column)
						.join('')
			);
	}
	say(`Edits/s beside @y/websocket-server: ${figures.updatesRatioAt200}x (at least 3)`);
	say(`Edits/s beside Hocuspocus: ${figures.updatesVsHocuspocusAt200}x (at least 0.8)`);
	say(`p95 beside @y/websocket-server: ${figures.p95RatioAt200} (at most 0.6)`);
	say(`CPU per delivery beside @y/websocket-server: ${figures.cpuRatioAt200} (at most 0.25)`);
	say(`Acknowledged edits lost: ${figures.lost}`);
}

const column = (value: unknown): string => String(value).padStart(10);
