/** What every way of loading does with the package it got. */
const assert = require('node:assert/strict')
const { mkdtempSync, readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

module.exports = async function use({ PhpObject, SessionError, SessionManager, serialize, unserialize }) {
  const bytes = Buffer.from('a:1:{s:1:"x";d:1;}')
  assert.deepEqual(serialize(unserialize(bytes)), bytes)
  assert.ok(unserialize(Buffer.from('O:4:"Cart":0:{}')) instanceof PhpObject)
  assert.throws(() => unserialize(Buffer.from('a:1:{')), SessionError)

  const save_path = mkdtempSync(join(tmpdir(), 'session-start-use-'))
  const id = 'a'.repeat(32)
  const session = await new SessionManager({ save_path }).start({ id })
  session.$_SESSION.username = 'Alice'
  await session.commit()
  assert.equal(readFileSync(join(save_path, `sess_${session.id}`), 'latin1'), 'username|s:5:"Alice";')
  rmSync(save_path, { recursive: true })
}
