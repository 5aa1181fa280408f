import { type CacheLimiter, cacheHeaders, type Header } from '../../src/http/cache-limiter.ts'
import { describeNative } from '../oracle/php.ts'
import { type PhpServer, scriptTime, servePhp } from './php-server.ts'

const now = new Date('2026-11-20T16:00:00.999Z')
const longAgo: Header = ['Expires', 'Thu, 19 Nov 1981 08:52:00 GMT']
const modified: Header = ['Last-Modified', 'Sun, 02 Feb 2020 02:02:02 GMT']
const names = ['expires', 'cache-control', 'pragma', 'last-modified']

// biome-ignore format: a table
const cases: [limiter: CacheLimiter, minutes: number, headers: Header[]][] = [
  ['',                  180, []],
  ['none',              180, []],
  ['nocache',           180, [longAgo, ['Cache-Control', 'no-store, no-cache, must-revalidate'], ['Pragma', 'no-cache']]],
  ['public',            180, [['Expires', 'Fri, 20 Nov 2026 19:00:00 GMT'], ['Cache-Control', 'public, max-age=10800'], modified]],
  ['public',              0, [['Expires', 'Fri, 20 Nov 2026 16:00:00 GMT'], ['Cache-Control', 'public, max-age=0'], modified]],
  ['public',             -5, [['Expires', 'Fri, 20 Nov 2026 15:55:00 GMT'], ['Cache-Control', 'public, max-age=-300'], modified]],
  ['private',            60, [longAgo, ['Cache-Control', 'private, max-age=3600'], modified]],
  ['private_no_expire',   1, [['Cache-Control', 'private, max-age=60'], modified]],
]

describe('a cache limiter', () => {
  it.each(cases)('%j with %d minutes', (limiter, minutes, headers) => {
    expect(cacheHeaders(limiter, minutes, now, scriptTime)).toEqual(headers)
  })

  it('says nothing about a last change it does not know', () => {
    for (const limiter of ['public', 'private', 'private_no_expire'] as const) {
      expect(cacheHeaders(limiter, 180, now).map(([name]) => name)).not.toContain('Last-Modified')
    }
  })
})

describeNative('PHP', () => {
  let php: PhpServer
  beforeAll(async () => {
    php = await servePhp("<?php session_start(json_decode($_SERVER['HTTP_X_OPTIONS'], true));")
  })
  afterAll(() => php.close())

  it.each(cases)('sends the same for %j with %d minutes', async (cache_limiter, cache_expire, expected) => {
    const { headers } = await php.ask({ headers: { 'X-Options': JSON.stringify({ cache_limiter, cache_expire }) } })
    const sent = headers.filter(([name]) => names.includes(name))
    const isRelative = cache_limiter === 'public'
    const then = isRelative ? new Date(Date.parse(sent[0]![1]) - cache_expire * 60_000) : now
    if (isRelative) expect(Math.abs(then.getTime() - Date.now())).toBeLessThan(30_000)
    const ours = cacheHeaders(cache_limiter, cache_expire, then, scriptTime)
    expect(sent).toEqual(ours.map(([name, value]) => [name.toLowerCase(), value]))
    expect(sent).toHaveLength(expected.length)
  })
})
