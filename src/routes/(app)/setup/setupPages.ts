import Activity from '@lucide/svelte/icons/activity';
import Boxes from '@lucide/svelte/icons/boxes';
import CreditCard from '@lucide/svelte/icons/credit-card';
import Mail from '@lucide/svelte/icons/mail';
import MailQuestionMark from '@lucide/svelte/icons/mail-question-mark';
import MailX from '@lucide/svelte/icons/mail-x';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import FileText from '@lucide/svelte/icons/file-text';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import Users from '@lucide/svelte/icons/users-round';
import type { Component } from 'svelte';

type SetupPage = { href: string; title: string; text: string; icon: Component; admin: boolean };

export const setupSections: readonly { title: string; pages: readonly SetupPage[] }[] = [
	{
		title: 'People and security',
		pages: [
			{
				href: '/setup/users',
				title: 'Users',
				text: 'Who can sign in, and with which profile.',
				icon: Users,
				admin: true
			},
			{
				href: '/setup/profiles',
				title: 'Profiles',
				text: 'What people may do with cadences and records.',
				icon: ShieldCheck,
				admin: false
			},
			{
				href: '/setup/subscription',
				title: 'Subscription',
				text: 'Edition, add-ons, and how much of the limits is used.',
				icon: CreditCard,
				admin: false
			}
		]
	},
	{
		title: 'Channels',
		pages: [
			{
				href: '/setup/channels',
				title: 'E-mail and WhatsApp',
				text: 'Senders, the relay, and the WhatsApp account.',
				icon: Mail,
				admin: true
			},
			{
				href: '/setup/suppressions',
				title: 'Suppressions',
				text: 'Addresses that get nothing any more, and why.',
				icon: MailX,
				admin: true
			},
			{
				href: '/setup/doubtful',
				title: 'Doubtful sends',
				text: 'Messages of which nobody can know whether they arrived.',
				icon: MailQuestionMark,
				admin: false
			}
		]
	},
	{
		title: 'Content and data',
		pages: [
			{
				href: '/setup/templates',
				title: 'E-mail templates',
				text: 'What cadences send, with merge fields.',
				icon: FileText,
				admin: false
			},
			{
				href: '/setup/whatsapp-templates',
				title: 'WhatsApp templates',
				text: 'Approved templates of the WhatsApp account.',
				icon: MessageCircle,
				admin: false
			},
			{
				href: '/setup/modules',
				title: 'Modules',
				text: 'Record types and their fields.',
				icon: Boxes,
				admin: false
			}
		]
	},
	{
		title: 'System',
		pages: [
			{
				href: '/setup/operations',
				title: 'Operations',
				text: 'Queues, lateness, workers, and what was set aside.',
				icon: Activity,
				admin: true
			}
		]
	}
];
