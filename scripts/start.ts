import { once } from 'node:events';
import { startProduct } from './supervisor/startProduct.ts';

const say = (line: string) => console.log(line);

try {
	const product = startProduct({ dev: process.argv.includes('--dev'), env: process.env, say });
	const told = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
	void told.then(() => say('\nStopping ...'));
	// Ctrl-C during the start is obeyed as soon as what is under way stands.
	const { stop } = await product;
	await told;
	await stop();
	say('Stopped.');
	process.exit(0);
} catch (error) {
	console.error(`\n${error instanceof Error ? error.message : String(error)}`);
	if (process.env.DEBUG) console.error(error);
	process.exit(1);
}
