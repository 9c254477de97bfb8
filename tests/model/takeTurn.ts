import { endPause, isPauseOver, perform, type Deed } from './commands.ts';
import {
	advanceDouble,
	answerDouble,
	beginDouble,
	leaveDouble,
	resumeDouble,
	tellDouble,
	type Double
} from './double.ts';
import { lookElsewhere, scanElsewhere } from './elsewhere.ts';
import { advance, applyInbox, dateHasCome, lookAtChanges, scanForDate } from './interpreter.ts';
import type { Turn } from './journeys.ts';
import type { Life } from './life.ts';
import { handOver, hasPost } from './post.ts';

/** The model's part of a turn, and the simulator's beside it. */
export function takeTurn(life: Life, double: Double, deed: Deed | null, turn: Turn, now: number): void {
	life.now = now;
	if (deed) {
		tellDouble(double, life, deed, now);
		perform(life, deed, now);
		beginDouble(double, life, now);
	}
	if (turn.changes) {
		if (life.changed) leaveDouble(double, life, now);
		lookElsewhere(life, now);
		lookAtChanges(life, now);
		beginDouble(double, life, now);
	}
	if (turn.sweep) {
		if (dateHasCome(life)) leaveDouble(double, life, now);
		scanForDate(life, now);
		scanElsewhere(life, now);
		if (isPauseOver(life, now)) resumeDouble(double, life, now);
		endPause(life, now);
	}
	if (turn.post) {
		if (hasPost(life, now)) leaveDouble(double, life, now);
		handOver(life, now);
	}
	if (turn.responses) {
		answerDouble(double, life, now);
		applyInbox(life, now);
	}
	if (turn.pass) {
		// The record may be changed by what is executed.
		advance(life, now, () => advanceDouble(double, life, now));
	}
}
