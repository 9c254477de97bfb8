import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The next message of a forked process; fails when it ends instead. */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
	const given = new AbortController();
	const { signal } = given;
	const ended = once(child, 'exit', { signal }).then(([code, how]) => {
		throw new Error(`${child.spawnfile} ended with ${code ?? how}.`);
	});
	try {
		const [message] = await Promise.race([once(child, 'message', { signal }) as Promise<[T]>, ended]);
		return message;
	} finally {
		ended.catch(() => undefined);
		given.abort();
	}
}

/** Kills it and waits until it is gone. */
export async function killChild(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode) return;
	const ended = once(child, 'exit');
	child.kill('SIGKILL');
	await ended;
}
