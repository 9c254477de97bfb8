import type { PublishContext } from '../plan/publishContext.ts';
import type { Known } from './resolveNames.ts';

/** CAD-5: what the names of a file can mean in a module; a private view is no audience (CAD-1). */
export const knownNames = (publish: PublishContext): Known => ({
	template: publish.templates,
	whatsappTemplate: publish.whatsappTemplates,
	sender: publish.senders.map(({ id, name, address }) => ({ id, name: name || address })),
	user: publish.users,
	view: publish.views.filter(({ shared }) => shared),
	cadence: publish.cadences
});
