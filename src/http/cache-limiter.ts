/** `session.cache_limiter` (`php_session_cache_limiter`): what a start says about caching the page. */

export type CacheLimiter = '' | 'none' | 'nocache' | 'public' | 'private' | 'private_no_expire'

/** A header's name and value. */
export type Header = readonly [name: string, value: string]

/**
 * The headers of a cache limiter, in PHP's order, each to be set in place of an earlier one.
 * `cache_expire` is in minutes; `lastModified` is when the page's contents changed last (PHP: the script's mtime), if that is known.
 */
export function cacheHeaders(limiter: CacheLimiter, cache_expire: number, now: Date, lastModified?: Date): readonly Header[] {
  return table[limiter](cache_expire * 60, now, lastModified)
}

type Limiter = (seconds: number, now: Date, lastModified: Date | undefined) => readonly Header[]

/** The day it was written. */
const LONG_AGO: Header = ['Expires', 'Thu, 19 Nov 1981 08:52:00 GMT']

const privately: Limiter = (seconds, _now, lastModified) => [
  ['Cache-Control', `private, max-age=${seconds}`],
  ...modified(lastModified),
]

const table: Readonly<Record<CacheLimiter, Limiter>> = {
  '': () => [],
  none: () => [],
  nocache: () => [LONG_AGO, ['Cache-Control', 'no-store, no-cache, must-revalidate'], ['Pragma', 'no-cache']],
  public: (seconds, now, lastModified) => [
    ['Expires', new Date((Math.floor(now.getTime() / 1000) + seconds) * 1000).toUTCString()],
    ['Cache-Control', `public, max-age=${seconds}`],
    ...modified(lastModified),
  ],
  private: (...given) => [LONG_AGO, ...privately(...given)],
  private_no_expire: privately,
}

function modified(date: Date | undefined): readonly Header[] {
  return date === undefined ? [] : [['Last-Modified', date.toUTCString()]]
}
