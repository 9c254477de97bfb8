import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./enginePass.ts', import.meta.url));

/** Does what is due in a process of its own that is killed at a failpoint; the signal that ended it, or null. */
export const passIn = (url: string, failpoint: string) =>
	new Promise<NodeJS.Signals | null>((done, failed) => {
		const child = spawn(process.execPath, [script, url], {
			env: { ...process.env, FAILPOINT: failpoint },
			stdio: ['ignore', 'ignore', 'inherit']
		});
		child.on('error', failed);
		child.on('exit', (code, signal) => (code ? failed(new Error(`exit ${code}`)) : done(signal)));
	});
