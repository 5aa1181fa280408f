import { createHash } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { variablesIn } from '../serialize-handlers/serialize-handler.ts'
import { directiveNames, resolveDirectives } from '../session/directives.ts'
import { assertOptions, type SessionManagerOptions } from '../session/options.ts'
import type { DefaultVars } from '../session/session-context.ts'
import { SessionManager } from '../session/session-manager.ts'
import { whenTestsEnd } from './cleanup.ts'
import type { PhpCommand } from './php.ts'
import { type FileSession, seedSession } from './test-session.ts'

/** Any option of SessionManager but those that say where the sessions are, and: */
export interface TestSessionsOptions<T extends object = DefaultVars>
  extends Omit<SessionManagerOptions, 'save_path' | 'save_handler'> {
  /** What the users of `as` have in their sessions, by name. Default: `{ user: name }`, for any name. */
  users?: Readonly<Record<string, Partial<NoInfer<T>>>>
  /** The PHP that `toBeReadableByPhp` asks about these sessions; default as there. */
  php?: PhpCommand
}

/**
 * A folder of sessions for a test, which goes when the test does: with `close()`, with `await using`, after the tests of the file
 * where the runner has a global `afterAll`, and at the latest with the process, or vitest's worker. `gc_probability` is 0 unless it is given.
 * @throws TypeError naming the option that is unknown or has a bad value
 */
export function createTestSessions<T extends object = DefaultVars>(options: TestSessionsOptions<T> = {}): TestSessions<T> {
  assertOptions(options)
  return new TestSessions<T>(options)
}

/** What `createTestSessions` makes. */
export class TestSessions<T extends object = DefaultVars> {
  /** The folder: an absolute path, open to its owner only. */
  readonly save_path: string
  /** A session manager over it, for the application that is tested. */
  readonly sessions: SessionManager<T>
  readonly #users: Readonly<Record<string, Partial<T>>> | undefined
  readonly #php: PhpCommand | undefined
  readonly #remove: () => void
  /** The sessions of users, by name. */
  readonly #known = new Map<string, Promise<FileSession>>()
  #seeded = 0

  /** @internal */
  constructor({ users, php, ...options }: TestSessionsOptions<T>) {
    for (const name of ['save_path', 'save_handler']) {
      if (name in options) throw new TypeError(`createTestSessions takes no ${name}: it keeps files in a folder of its own`)
    }
    if (users !== undefined && (typeof users !== 'object' || users === null)) {
      throw new TypeError("users must be an object with the variables of each, such as { alice: { user: 'Alice' } }")
    }
    this.#users = users
    this.#php = php
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'session-start-test-'))
    this.save_path = folder
    this.#remove = whenTestsEnd(() => rmSync(folder, { recursive: true, force: true }))
    this.sessions = new SessionManager<T>({ gc_probability: 0, ...options, save_path: folder })
  }

  /**
   * Stores a session with these variables. Its id is the same in every run, unless one is given; a session that has it is replaced.
   * @throws SessionError INVALID_ID, INVALID_KEY, LOCK_TIMEOUT; TypeError for a value PHP cannot hold
   */
  async seed(vars: Partial<T>, options: { id?: string } = {}): Promise<FileSession> {
    const id = idIn(options) ?? this.#newId(`session ${++this.#seeded}`)
    return (await seedSession(this.sessions, id, vars, this.#php)) as FileSession
  }

  /** What is stored now, or null if there is no such session. @throws UnserializeError when PHP could not decode it */
  async read(session: string | { readonly id: string }): Promise<T | null> {
    const id = typeof session === 'string' ? session : idIn(session)
    if (id === undefined) throw new TypeError('Give read a session or its id')
    return this.sessions.peek({ id })
  }

  /**
   * The session of a user, made when it is first asked for: with the variables that `users` has for the name, and `vars` over them.
   * The same name is the same session; to give `vars` again, makes it anew under its id.
   * @throws TypeError for a name that is not in `users`; as `seed`
   */
  async as(name: string, vars?: Partial<T>): Promise<FileSession> {
    const known = this.#known.get(name)
    if (known !== undefined && vars === undefined) return known
    const session = this.seed({ ...this.#varsOf(name), ...variablesIn(vars ?? {}) }, { id: this.#newId(`user ${name}`) })
    this.#known.set(name, session)
    session.catch(() => this.#known.get(name) === session && this.#known.delete(name))
    return session
  }

  /** The lines of a php.ini for a PHP with the same sessions: `session.save_path="/tmp/…"`, and what is not PHP's default. */
  get ini(): string {
    return this.#settings.map((setting) => `${setting}\n`).join('')
  }

  /** The same as arguments: `spawn('php', [...sessions.phpArgs, '-S', 'localhost:8080'])`. */
  get phpArgs(): string[] {
    return this.#settings.flatMap((setting) => ['-d', setting])
  }

  /** Removes the folder, and with it all sessions. To close again does nothing. */
  async close(): Promise<void> {
    this.#remove()
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** What a PHP has to be told, whichever version's defaults it has. */
  get #settings(): string[] {
    const { directives } = this.sessions
    const defaults = [resolveDirectives({ phpVersion: '7.0' }), resolveDirectives({})]
    const names = directiveNames.filter((name) => defaults.some((each) => each[name] !== directives[name]))
    return names.map((name) => `session.${name}="${iniText(directives[name])}"`)
  }

  /** Of all lengths and alphabets the one that `sid_length` and `sid_bits_per_character` ask for. */
  #newId(seed: string): string {
    const { sid_length } = this.sessions.directives
    return createHash('shake256', { outputLength: Math.ceil(sid_length / 2) })
      .update(seed)
      .digest('hex')
      .slice(0, sid_length)
  }

  #varsOf(name: string): Partial<T> {
    if (typeof name !== 'string') throw new TypeError('`as` needs the name of a user')
    if (this.#users === undefined) return { user: name } as object
    if (Object.hasOwn(this.#users, name)) return this.#users[name]!
    throw new TypeError(`There is no user '${name}': \`users\` has ${Object.keys(this.#users).join(', ') || 'none'}`)
  }
}

/** @throws TypeError where an id would be elsewhere, and not be seen */
function idIn(given: { readonly id?: string }): string | undefined {
  const id = given?.id
  if (typeof id === 'string' || (typeof given === 'object' && given !== null && Object.keys(given).length === 0)) return id
  throw new TypeError('An id is given as { id }, a string, or as the session that has it')
}

function iniText(value: string | number | boolean): string {
  return String(typeof value === 'boolean' ? Number(value) : value).replace(/["\\]/g, '\\$&')
}
