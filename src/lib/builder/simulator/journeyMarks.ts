import { startNodeId } from '#lib/domain/cadence/responses.ts';
import type { EdgeMark, Marks, NodeMark } from '../marks/canvasMarks.svelte.ts';
import type { Journey } from './journey.ts';

/** VER-7: the path lights up: where the record was, where it stands, and the branch it would take next. */
export function journeyMarks({ simulation, steps }: Journey): Marks {
	const nodes = new Map<string, NodeMark>([[startNodeId, { tone: 'passed', label: 'Enrolled' }]]);
	const edges = new Map<string, EdgeMark>();
	for (const { branchId, effects } of steps) {
		if (branchId !== null && effects.length) edges.set(branchId, 'passed');
		for (const effect of effects) {
			if (effect.kind === 'execute') nodes.set(effect.action.id, { tone: 'passed', label: 'Done' });
			else if (effect.kind === 'skip' || effect.kind === 'passedOver')
				nodes.set(effect.action.id, { tone: 'skipped', label: 'Skipped' });
			else if (effect.kind === 'refuse') nodes.set(effect.action.id, { tone: 'failed', label: 'Failed' });
			else if (effect.kind === 'exit') nodes.set(effect.exit.id, { tone: 'current', label: 'Ended here' });
			else if (effect.kind === 'decided') {
				const { condition, choice } = effect;
				nodes.set(condition.id, { tone: 'passed', label: 'Decided' });
				const part = choice === 'else' ? 'else' : `case/${encodeURIComponent(choice)}`;
				edges.set(`${condition.id}/${part}`, 'passed');
			}
		}
	}
	const { run, outbox } = simulation;
	if (run.next && !edges.has(run.next.branchId)) edges.set(run.next.branchId, 'next');
	const here = run.race?.actionId ?? (run.endedAt === null ? startNodeId : null);
	const at = here === null ? undefined : nodes.get(here);
	if (here !== null && at && at.tone !== 'failed') {
		const label =
			run.endedAt !== null ? 'Ended here' : outbox?.actionId === here ? 'Waits to be sent' : 'Here';
		const exited = [...nodes.values()].some(({ tone }) => tone === 'current');
		if (!exited) nodes.set(here, { tone: at.tone === 'skipped' ? 'skipped' : 'current', label });
	}
	return { nodes, edges, dim: true };
}
