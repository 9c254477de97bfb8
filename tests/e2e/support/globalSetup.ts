import { rm } from 'node:fs/promises';
import { productFolder, startProduct } from './product.ts';

/** One product for all browser tests, with the demo organization; a test that needs another starts its own. */
export default async function setup(): Promise<() => Promise<void>> {
	const data = await productFolder();
	const product = await startProduct(data).catch(async (error: unknown) => {
		await rm(data, { recursive: true, force: true });
		throw error;
	});
	process.env.CADENZA_E2E_DATA = data;
	return async () => {
		await product.stop();
		await rm(data, { recursive: true, force: true });
	};
}
