import { readFileSync } from 'node:fs';

/** A line of the sink's log (JSONL); instants are epoch milliseconds of this machine. */
export type SinkEntry =
	| {
			event: 'mail';
			/** 354 was said. */
			beganAt: number;
			/** The message was received in full. */
			at: number;
			line: number;
			from: string;
			to: string[];
			messageId: string;
	  }
	/** A connection ended without QUIT, in the middle of what `state` says for `sinceMs`. */
	| {
			event: 'cut';
			at: number;
			line: number;
			state: 'idle' | 'data' | 'received' | 'answered';
			messageId: string;
			sinceMs: number;
	  }
	| { event: 'kill'; at: number; pid: number };

export function readSinkLog(file: string): SinkEntry[] {
	return readFileSync(file, 'utf8')
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => JSON.parse(line) as SinkEntry);
}
