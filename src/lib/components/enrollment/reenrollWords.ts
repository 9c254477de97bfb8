/** REE-1, REE-3, ENR-3: why enrollments cannot resume, or not even restart: said of one record, and after a count of several. */
export const reenrollWords: Record<string, { one: string; many: string } | undefined> = {
	completed: { one: 'it completed the cadence', many: 'completed the cadence' },
	failed: { one: 'it failed', many: 'failed' },
	exit: {
		one: 'it left by an exit or after the wait for a response',
		many: 'left by an exit or after the wait for a response'
	},
	activity_deleted: {
		one: 'a task or call of this run was deleted',
		many: 'a task or call of the run was deleted'
	},
	action_gone: { one: 'the action it stood at was removed', many: 'the action they stood at was removed' },
	still_running: { one: 'it is running', many: 'are running' },
	cadence_inactive: { one: 'the cadence is inactive', many: 'the cadence is inactive' },
	final: { one: 'it was converted or merged', many: 'were converted or merged' },
	record_gone: {
		one: 'the record was deleted, merged or converted',
		many: 'the record was deleted, merged or converted'
	},
	matches_unenrollment: { one: 'it matches an un-enroll rule', many: 'match an un-enroll rule' }
};
