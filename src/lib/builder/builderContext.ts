import type { FieldDefinition } from '#lib/domain/crm/fields.ts';
import type { PublishContext } from '#lib/domain/plan/publishContext.ts';

/**
 * What the canvas shows beside the draft: names behind the ids, choices for the panels. Loaded once with the
 * page by the route; the draft itself comes over the socket.
 */
export type BuilderContext = {
	cadence: {
		id: string;
		name: string;
		state: 'draft' | 'active' | 'inactive';
		/** Number of the live version; null before the first publish. */
		version: number | null;
	};
	/** VER-1: without MANAGE the canvas only watches. */
	canEdit: boolean;
	me: { id: string; name: string };
	/** What decides whether the draft can be published; also the names of templates, senders and people. */
	publish: PublishContext;
	/** The module's fields with their types and picklist values, for criteria. */
	fields: readonly FieldDefinition[];
	/** The audience's records when the page was loaded; null for manual enrollment. */
	audienceCount: number | null;
	/** Template id -> enough of it to recognize it. */
	emailPreviews: Record<string, { subject: string; text: string }>;
	/** Template id -> its body. */
	whatsappBodies: Record<string, string>;
};
