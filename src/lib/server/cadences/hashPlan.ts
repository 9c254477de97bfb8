import { hash } from 'node:crypto';
import { canonicalJson } from '#lib/domain/plan/canonicalJson.ts';
import type { Plan } from '#lib/domain/plan/plan.ts';

/** VER-2: sha256 (hex) over the canonical JSON of a plan. Equal plans have equal hashes, whoever stored them. */
export const hashPlan = (plan: Plan): string => hash('sha256', canonicalJson(plan));
