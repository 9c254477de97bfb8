import Pause from '@lucide/svelte/icons/pause';
import Play from '@lucide/svelte/icons/play';
import RotateCcw from '@lucide/svelte/icons/rotate-ccw';
import SkipForward from '@lucide/svelte/icons/skip-forward';
import UserRoundX from '@lucide/svelte/icons/user-round-x';
import type { Component } from 'svelte';
import type { EnrollmentActKind } from '#lib/domain/enrollment/possibleActs.ts';

export const actIcons: Record<EnrollmentActKind, Component> = {
	pause: Pause,
	resume: Play,
	skip: SkipForward,
	restart: RotateCcw,
	unenroll: UserRoundX
};
