/** What the panel below the shop shows: the session's bytes, and $_SESSION as PHP and Node see it. Looking takes no lock and touches nothing. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { parseCookie } from 'cookie'
import { readable } from './bytes.mjs'

const phpCode = `${readFileSync(new URL('show.php', import.meta.url), 'utf8')}
${readFileSync(new URL('decode.php', import.meta.url), 'utf8').replace('<?php', '')}`

/** → a request handler that answers with JSON: `{ id, size, bytes, php, node }`, null where there is no session */
export function sessionView({ sessions, php, save_path }) {
  let last = { bytes: undefined, php: undefined }

  return async function handle(req, res) {
    const bytes = await bytesOf(req)
    const etag = `"${createHash('sha256')
      .update(req.headers.cookie ?? '')
      .update(bytes ?? '-')
      .digest('base64url')}"`
    res.setHeader('ETag', etag)
    res.setHeader('Cache-Control', 'private, no-cache')
    if (req.headers['if-none-match'] === etag) return res.writeHead(304).end()
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify(bytes && (await view(req, bytes))))
  }

  async function view(req, bytes) {
    const vars = await sessions.peek(req)
    const node = inspect(vars, { depth: null, breakLength: 72, compact: 3 })
    return { id: `${idOf(req).slice(0, 6)}…`, size: bytes.length, bytes: readable(bytes), php: await phpView(bytes), node }
  }

  /** PHP decodes the very bytes, without the file. */
  async function phpView(bytes) {
    if (!last.bytes?.equals(bytes)) last = { bytes, php: php.run(phpCode, bytes) }
    return (await last.php).toString()
  }

  async function bytesOf(req) {
    // Only what is an id, and one that peek() finds, becomes a file name.
    if (!/^[0-9a-zA-Z,-]+$/.test(idOf(req)) || (await sessions.peek(req)) === null) return null
    return readFile(join(save_path, `sess_${idOf(req)}`)).catch(() => null)
  }

  function idOf(req) {
    return parseCookie(req.headers.cookie ?? '')[sessions.directives.name] ?? ''
  }
}
