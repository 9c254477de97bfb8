import GitBranch from '@lucide/svelte/icons/git-branch';
import LogOut from '@lucide/svelte/icons/log-out';
import Mail from '@lucide/svelte/icons/mail';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import Phone from '@lucide/svelte/icons/phone';
import Play from '@lucide/svelte/icons/play';
import SquareCheckBig from '@lucide/svelte/icons/square-check-big';
import PencilLine from '@lucide/svelte/icons/pencil-line';
import Tag from '@lucide/svelte/icons/tag';
import UserRoundCog from '@lucide/svelte/icons/user-round-cog';
import Webhook from '@lucide/svelte/icons/webhook';
import UserRoundPlus from '@lucide/svelte/icons/user-round-plus';
import type { Component } from 'svelte';
import type { NodeKind } from '#lib/domain/cadence/draft.ts';

export type NodeLook = {
	label: string;
	icon: Component;
	/** Icon and words on the soft ground. */
	soft: string;
	/** Lines and fills. */
	solid: string;
	text: string;
	border: string;
};

/** Automation: actions that reach nobody, and conditions. */
const field = {
	soft: 'bg-field-soft text-field',
	solid: 'bg-field-solid',
	text: 'text-field',
	border: 'border-field-solid'
};

/** UX.md: one colour and one icon per channel, the same on the canvas, the timeline and in reports. */
export const nodeLook: Record<NodeKind | 'field', NodeLook> = {
	start: {
		label: 'Start',
		icon: Play,
		soft: 'bg-accent-soft text-accent-text',
		solid: 'bg-accent',
		text: 'text-accent-text',
		border: 'border-accent'
	},
	email: {
		label: 'E-mail',
		icon: Mail,
		soft: 'bg-email-soft text-email',
		solid: 'bg-email-solid',
		text: 'text-email',
		border: 'border-email-solid'
	},
	call: {
		label: 'Call',
		icon: Phone,
		soft: 'bg-call-soft text-call',
		solid: 'bg-call-solid',
		text: 'text-call',
		border: 'border-call-solid'
	},
	task: {
		label: 'Task',
		icon: SquareCheckBig,
		soft: 'bg-task-soft text-task',
		solid: 'bg-task-solid',
		text: 'text-task',
		border: 'border-task-solid'
	},
	whatsapp: {
		label: 'WhatsApp',
		icon: MessageCircle,
		soft: 'bg-whatsapp-soft text-whatsapp',
		solid: 'bg-whatsapp-solid',
		text: 'text-whatsapp',
		border: 'border-whatsapp-solid'
	},
	exit: {
		label: 'Exit',
		icon: LogOut,
		soft: 'bg-exit-soft text-exit',
		solid: 'bg-exit-solid',
		text: 'text-exit',
		border: 'border-exit-solid'
	},
	updateField: { label: 'Update field', icon: PencilLine, ...field },
	tags: { label: 'Tags', icon: Tag, ...field },
	changeOwner: { label: 'Change owner', icon: UserRoundCog, ...field },
	webhook: { label: 'Webhook', icon: Webhook, ...field },
	enroll: { label: 'Enroll', icon: UserRoundPlus, ...field },
	condition: { label: 'Condition', icon: GitBranch, ...field },
	field: { label: 'Automation', icon: GitBranch, ...field }
};
