export type ThemeChoice = 'system' | 'light' | 'dark';

/** Shows the choice at once and keeps it for the first paint of the next page (see app.html). */
export function applyTheme(choice: ThemeChoice): void {
	const root = document.documentElement;
	if (choice === 'system') {
		localStorage.removeItem('theme');
		delete root.dataset['theme'];
		root.style.colorScheme = '';
	} else {
		localStorage.setItem('theme', choice);
		root.dataset['theme'] = choice;
		root.style.colorScheme = choice;
	}
}
