import { tick } from 'svelte';

/** UX: errors stand where the cause is. After a refused save the first field that is wrong is in view, with the focus. */
export async function focusInvalid(form: HTMLElement | null): Promise<void> {
	await tick();
	form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
