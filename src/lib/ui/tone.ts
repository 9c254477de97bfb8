/** The colours a badge, dot, bar or callout may have. Meaning stays in the words beside it. */
export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger' | 'accent';

export const softTone: Record<Tone, string> = {
	neutral: 'bg-neutral-soft text-neutral',
	info: 'bg-info-soft text-info',
	success: 'bg-success-soft text-success',
	warning: 'bg-warning-soft text-warning',
	danger: 'bg-danger-soft text-danger',
	accent: 'bg-accent-soft text-accent-text'
};
export const outlineTone: Record<Tone, string> = {
	neutral: 'border-neutral-solid text-neutral',
	info: 'border-info-solid text-info',
	success: 'border-success-solid text-success',
	warning: 'border-warning-solid text-warning',
	danger: 'border-danger-solid text-danger',
	accent: 'border-accent text-accent-text'
};
export const solidTone: Record<Tone, string> = {
	neutral: 'bg-neutral-solid',
	info: 'bg-info-solid',
	success: 'bg-success-solid',
	warning: 'bg-warning-solid',
	danger: 'bg-danger-solid',
	accent: 'bg-accent'
};
