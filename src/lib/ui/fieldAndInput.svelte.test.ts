import { createRawSnippet } from 'svelte';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import Field from './Field.svelte';
import Switch from './Switch.svelte';

/** A control as callers write it: it carries what the field hands it. */
const control = createRawSnippet(
	(
		given: () => { id: string; 'aria-describedby': string | undefined; 'aria-invalid': 'true' | undefined }
	) => ({
		render: () =>
			`<input id="${given().id}" aria-describedby="${given()['aria-describedby'] ?? ''}" aria-invalid="${given()['aria-invalid'] ?? 'false'}">`
	})
);

test('label, help and error of a field belong to its control', async () => {
	const screen = await render(Field, {
		label: 'Delay',
		help: '1 to 99',
		error: 'Too long.',
		children: control
	});
	const input = screen.getByLabelText('Delay');
	await expect.element(input).toHaveAccessibleDescription('Too long. 1 to 99');
	await expect.element(input).toHaveAttribute('aria-invalid', 'true');
});

test('a switch shows its state to assistive technology and tells its owner', async () => {
	const told: boolean[] = [];
	const screen = await render(Switch, {
		label: 'Active',
		onCheckedChange: (checked: boolean) => told.push(checked)
	});
	const element = screen.getByRole('switch', { name: 'Active' });
	await expect.element(element).toHaveAttribute('aria-checked', 'false');
	await element.click();
	await expect.element(element).toHaveAttribute('aria-checked', 'true');
	expect(told).toEqual([true]);
});
