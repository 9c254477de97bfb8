import { pino } from 'pino';
import { startWorker } from '../../worker/main.ts';

/** A whole worker, to be killed: `node workerProcess.ts <worker url> <dead after ms>`. */
const [url = '', deadAfterMs = '2000'] = process.argv.slice(2);
const worker = await startWorker({
	url,
	log: pino({ level: 'silent' }),
	pool: 4,
	deadAfterMs: Number(deadAfterMs)
});
process.on('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
process.send?.('ready');
