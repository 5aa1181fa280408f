import type { Charset } from '../php/charset.ts'
import type { Classes } from '../php/classes.ts'
import { type DirectiveOptions, type Directives, overrideDirectives } from './directives.ts'

/** Any directive of PHP's by its name in php.ini without `session.`, and what is this package's own. */
export interface SessionManagerOptions extends DirectiveOptions {
  /** How long `start` waits for the lock before it gives up with LOCK_TIMEOUT, in milliseconds; default 30 000. */
  lockTimeout?: number
  /** False: take no lock. Only where nothing else touches the sessions. Default true. */
  lock?: boolean
  /** The application's classes, by PHP name: their objects become instances. */
  classes?: Classes
  /** How PHP's strings become text; default 'utf-8'. */
  charset?: Charset
  /**
   * What to do with a session that PHP could not decode. 'throw', the default: `start` rejects with DECODE_FAILED and the session
   * stays as it is. 'destroy': it is removed, as PHP does, and `start` gives an empty one.
   */
  onDecodeError?: 'throw' | 'destroy'
  /** Which PHP's defaults to use, such as '8.2'; default the newest, which are the safest. */
  phpVersion?: string
}

/** What a single start may set: read_and_close, and directives as in session_start(). */
export interface StartOptions extends DirectiveOptions {
  /** Read, then give the lock back at once; nothing is written. */
  read_and_close?: boolean | number | string | undefined
  /** The id to use, as session_id($id) before session_start(). */
  id?: string
  /**
   * False: a session that does not exist yet gets neither file nor cookie until something is put into `$_SESSION`, so that robots and
   * visitors who only look leave nothing behind. Default true, as PHP. If by then somebody else has made it and it cannot be had, that
   * something or `commit` throws LOCK_TIMEOUT or DECODE_FAILED, and nothing is stored.
   */
  saveUninitialized?: boolean | undefined
}

/** The options that are no directives. */
export const OWN_OPTIONS = ['lockTimeout', 'lock', 'classes', 'charset', 'onDecodeError', 'phpVersion']

/** @throws TypeError for options that are no object */
export function assertOptions(options: unknown): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return
  throw new TypeError("options must be an object such as { save_path: '/var/lib/php/sessions' }")
}

/**
 * The directives of a start with these options over `base`. `others` are names of further options, for who mistypes them.
 * @throws TypeError for an option that is unknown, has a bad value, or cannot be set for a single start
 */
export function checkStartOptions(
  base: Directives,
  options: Omit<StartOptions, 'id'>,
  others: readonly string[] = [],
): Directives {
  assertOptions(options)
  const { read_and_close, saveUninitialized = true, ...directives } = options
  if (typeof saveUninitialized !== 'boolean') throw new TypeError('saveUninitialized must be true or false')
  if (!/^(undefined|true|false|-?\d+)$/.test(String(read_and_close))) throw new TypeError('read_and_close must be true or false')
  return overrideDirectives(base, directives as Record<string, unknown>, [...others, 'read_and_close', 'saveUninitialized'])
}
