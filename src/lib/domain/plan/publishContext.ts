import type { FieldDefinition } from '../crm/fields.ts';
import type { BusinessHours } from '../time/calendar.ts';

/** A field as validation needs it; a FieldDefinition is one. */
export type ContextField = Pick<FieldDefinition, 'key' | 'label' | 'type'> & {
	lookupModuleKey?: string | null | undefined;
} & Partial<
		Pick<FieldDefinition, 'options' | 'optionLabels' | 'retiredOptions' | 'required' | 'unique' | 'readOnly'>
	>;

/**
 * Everything outside the draft that decides whether it can be published (GRA-9). Plain JSON: the server reads it
 * (server/cadences/getPublishContext.ts) and hands the same to the canvas for live validation.
 */
export type PublishContext = {
	module: {
		id: string;
		key: string;
		kind: 'system' | 'custom';
		singular: string;
		plural: string;
		formerNames?: readonly string[];
	};
	enrollmentKind: 'manual' | 'view';
	/** The module's own fields; system fields are everywhere the same. */
	fields: readonly ContextField[];
	/** Lookup field key -> fields of the module it points to (GRA-8: one lookup deep). */
	related: Record<string, readonly ContextField[]>;
	templates: ContextTemplate[];
	whatsappTemplates: ContextWhatsappTemplate[];
	whatsappConnected: boolean;
	senders: { id: string; name: string; address: string; status: 'active' | 'paused' | 'disabled' }[];
	users: { id: string; name: string; active: boolean }[];
	/** Views of the module, private ones of others included: they make a problem with a name. */
	views: { id: string; name: string; shared: boolean; usesCurrentUser: boolean }[];
	/** The cadence itself; null when it does not exist yet (import). */
	cadenceId: string | null;
	/** Cadences of the module, this one included: what an `enroll` action may name. */
	cadences: ContextCadence[];
	callResults: string[];
	/** The operator lets webhooks into the own network (ALLOW_PRIVATE_HOSTS). */
	privateHosts?: boolean;
	requireUnsubscribeBlock: boolean;
	actionLimit: number;
	editionLabel: string;
	/** Org-local date `YYYY-MM-DD` (UNE-1 b). */
	today: string;
	businessHours: BusinessHours;
};

export type ContextTemplate = {
	id: string;
	name: string;
	/** null: usable in every module. */
	moduleId: string | null;
	hasUnsubscribeLink: boolean;
	/** Merge fields that name nothing in the cadence's module, as sentences. */
	problems: string[];
	/** Targets of its links in order; a `clicked` branch names one by its index. */
	links: string[];
	/** What people read on each of them; absent where nobody needs it. */
	linkTexts?: string[];
};

export type ContextCadence = {
	id: string;
	name: string;
	state: 'draft' | 'active' | 'inactive';
	enrollmentKind: 'manual' | 'view';
	/** Cadences that its active version enrolls into. */
	enrolls: string[];
};

export type ContextWhatsappTemplate = {
	id: string;
	name: string;
	language: string;
	/** APPROVED, PENDING, REJECTED, PAUSED, ... */
	status: string;
	variables: string[];
	/** Texts of quick-reply buttons. */
	buttons: string[];
};
