import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const imported = await import('session-start')
const required = createRequire(import.meta.url)('session-start')
for (const name of ['PhpObject', 'SessionError', 'SessionManager', 'serialize']) {
  assert.equal(typeof imported[name], 'function')
  assert.equal(imported[name], required[name])
}
