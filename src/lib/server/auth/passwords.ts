import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { DomainError } from '#lib/domain/errors.ts';

const derive = promisify(argon2);

/** RELIABILITY.md 4: 19 MiB and two passes; 28 ms here, off the main thread. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const MAX_CONCURRENT = 4;
const MAX_WAITING = 200;

let running = 0;
const waiting: (() => void)[] = [];

/** At most four hashes at a time (19 MiB each); a flood waits, and beyond 200 it is turned away. */
async function limited<T>(work: () => Promise<T>): Promise<T> {
	if (running >= MAX_CONCURRENT) {
		if (waiting.length >= MAX_WAITING)
			throw new DomainError('unavailable', 'Too many sign-ins at once. Try again in a minute.');
		await new Promise<void>((go) => waiting.push(go));
	} else running++;
	try {
		return await work();
	} finally {
		// Hands its place to the next in line, or frees it.
		const next = waiting.shift();
		if (next) next();
		else running--;
	}
}

const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** argon2id as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
	const nonce = randomBytes(16);
	const hash = await limited(() => derive('argon2id', { message: password, nonce, ...cost, tagLength: 32 }));
	return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(nonce)}$${encode(hash)}`;
}

/** False for a wrong password and for a string that is no hash. */
export async function verifyPassword(phc: string, password: string): Promise<boolean> {
	const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
	if (!match) return false;
	const [, memory, passes, parallelism, nonce = '', expected = ''] = match;
	const wanted = Buffer.from(expected, 'base64');
	const hash = await limited(() =>
		derive('argon2id', {
			message: password,
			nonce: Buffer.from(nonce, 'base64'),
			memory: Number(memory),
			passes: Number(passes),
			parallelism: Number(parallelism),
			tagLength: wanted.length
		})
	);
	return timingSafeEqual(hash, wanted);
}

/** A hash that no password has: unknown accounts take as long to refuse as known ones. */
export const decoyHash = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${encode(Buffer.alloc(16, 1))}$${encode(Buffer.alloc(32, 1))}`;
