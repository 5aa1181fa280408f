import type { Directives } from '../../session/directives.ts'

/**
 * What the doctor saw: gathered once, then only judged. A path is one that can be used here, below `--root` where that was given,
 * unless it is a setting's own text.
 */
export interface Facts {
  readonly platform: NodeJS.Platform
  /** Milliseconds since 1970. */
  readonly now: number
  readonly php: PhpSide
  readonly node: NodeSide
  /** Undefined where sessions are not in files, and where `php.savePath` names no folder. */
  readonly folder: Folder | undefined
  /** Some of the sessions; undefined where they cannot be listed. */
  readonly sessions: readonly SessionFile[] | undefined
  readonly locking: Locking
  readonly cleaning: Cleaning
}

/** One way in which PHP runs here: a server API with its php.ini, and with PHP-FPM a pool. */
export interface PhpSide {
  /** For people: `PHP 8.2, php-fpm, pool www`. */
  readonly label: string
  readonly version: string | undefined
  readonly sapi: Sapi | undefined
  /** The files whose settings hold, the later over the earlier, as `SessionManager.fromPhpIni` takes them. */
  readonly files: readonly string[]
  readonly settings: readonly Setting[]
  /** With PHP's defaults for what is not set and for what `refusals` names. */
  readonly directives: Directives
  /** Settings that PHP refuses or misreads, and `SessionManager.fromPhpIni` with it. */
  readonly refusals: readonly Refusal[]
  /** As its save handler gets it, seen from outside of `chroot`: where the setting is empty, the folder for temporary files. */
  readonly savePath: string
  /** What its paths begin with, as they are here: '' or that of `--root`. */
  readonly root: string
  readonly openBasedir: string
  readonly chroot: string | undefined
  /** Undefined: nothing tells. */
  readonly user: User | undefined
  /** The file system the sessions are on, as a running PHP sees it; undefined where none runs or it cannot be seen. */
  readonly mount: Mount | undefined
  /** The systemd unit that gives PHP a /tmp of its own, where systemd runs. */
  readonly privateTmp: string | undefined
  /** The file to which a setting that stands nowhere can be added. */
  readonly addTo: string | undefined
  /** The other ways in which PHP runs here. */
  readonly others: readonly OtherPhp[]
}

export type Sapi = 'fpm' | 'apache2' | 'cgi' | 'cli'

export interface OtherPhp {
  readonly label: string
  readonly files: readonly string[]
  readonly savePath: string
  readonly serializeHandler: string
  readonly gcMaxlifetime: number
  /** Whether it removes old sessions itself. */
  readonly collects: boolean
}

/** A `session.*` setting where it stands. */
export interface Setting {
  /** Without `session.`. */
  readonly name: string
  readonly value: string
  readonly file: string
  /** From 1; 0 is built into PHP. */
  readonly line: number
  /** What stands behind its =, if all of the setting is on this line, so that the line can be changed. */
  readonly text: string | undefined
}

export interface Refusal {
  readonly name: string
  /** Begins with `file:line:`. */
  readonly message: string
}

export interface NodeSide {
  /** Undefined on Windows. */
  readonly user: User | undefined
  /** Whether `user` was given, was seen at a running Node, or is who runs this. */
  readonly userFrom: 'given' | 'running' | 'this process'
  /** Of the SessionManager, where they were given; else they are taken to be PHP's. */
  readonly directives: Directives | undefined
  /** Option `lock`. */
  readonly locks: boolean
  /** As its save handler takes it: where the option is empty, the folder for temporary files. */
  readonly savePath: string
  readonly mount: Mount | undefined
}

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** All groups, `gid` among them. */
  readonly groups: readonly number[]
}

/** The folder of sessions. */
export interface Folder {
  readonly path: string
  /** Undefined: there is nothing, or it cannot be reached. */
  readonly place: Place | undefined
  /** From / downwards. */
  readonly parents: readonly Place[]
  /** Of folders below it, as save_path says. */
  readonly levels: number
  /** The folders of these levels that there should be and are not, at most a few. */
  readonly missing: readonly string[]
  /** What new session files may be used for. */
  readonly fileMode: number
  readonly space: Space | undefined
  readonly mount: Mount | undefined
}

/** Something in the file system. */
export interface Place {
  readonly path: string
  readonly isFolder: boolean
  readonly uid: number
  readonly gid: number
  /** `root:www-data` */
  readonly owner: string
  /** The permissions, with set-id and sticky bits. */
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly mtime: number
}

/** In bytes; files are 0 where the file system does not count them. */
export interface Space {
  readonly free: number
  readonly size: number
  readonly freeFiles: number
  readonly files: number
}

export interface Mount {
  /** Number of the device and path on it: equal for two processes that see the same folder. */
  readonly key: string
  /** ext4, nfs4, … */
  readonly type: string
  readonly options: readonly string[]
}

export interface SessionFile {
  readonly uid: number
  readonly gid: number
  readonly owner: string
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  /** The serialize handlers that can read it. Undefined where it is empty or was not read. */
  readonly readBy: readonly string[] | undefined
}

export interface Locking {
  /** Why Node cannot take a lock that PHP sees. */
  readonly unavailable: string | undefined
  /** What `--try` found. */
  readonly tried: LockTrial | undefined
}

export interface LockTrial {
  /** Why it could not be tried. */
  readonly failure: string | undefined
  /** Whether a second descriptor found the file locked. */
  readonly nodeWaits: boolean
  /** Whether PHP did; undefined where it was not asked. */
  readonly phpWaits: boolean | undefined
}

/** Who removes old sessions beside PHP and Node. */
export interface Cleaning {
  /** The file that says so, of cron or systemd; undefined: there is none for this folder. */
  readonly job: string | undefined
  /** Whether there is something here that runs it. */
  readonly runs: boolean
}
