import BarChart from '@lucide/svelte/icons/chart-column';
import Box from '@lucide/svelte/icons/box';
import Briefcase from '@lucide/svelte/icons/briefcase';
import Building from '@lucide/svelte/icons/building-2';
import FileText from '@lucide/svelte/icons/file-text';
import Handshake from '@lucide/svelte/icons/handshake';
import House from '@lucide/svelte/icons/house';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Settings from '@lucide/svelte/icons/settings';
import Truck from '@lucide/svelte/icons/truck';
import UserRound from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users-round';
import Workflow from '@lucide/svelte/icons/workflow';
import type { Component } from 'svelte';

export type NavItem = { href: string; label: string; icon: Component; count?: number };
export type ModuleLink = { key: string; singular: string; plural: string };

const moduleIcons: Record<string, Component> = {
	leads: UserRound,
	contacts: Users,
	accounts: Building,
	deals: Handshake,
	vendors: Truck,
	quotes: FileText,
	assets: Briefcase
};
export const moduleIcon = (key: string): Component => moduleIcons[key] ?? Box;

/** The side bar, from top to bottom, in three groups. */
export const navigation = (modules: readonly ModuleLink[], due: number): NavItem[][] => [
	[
		{ href: '/', label: 'Home', icon: House },
		{ href: '/work', label: 'Work', icon: ListChecks, count: due }
	],
	modules.map(({ key, plural }) => ({ href: `/${key}`, label: plural, icon: moduleIcon(key) })),
	[
		{ href: '/cadences', label: 'Cadences', icon: Workflow },
		{ href: '/reports', label: 'Reports', icon: BarChart },
		{ href: '/setup', label: 'Setup', icon: Settings }
	]
];

export const isCurrent = (href: string, path: string): boolean =>
	href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
