import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestSessions } from 'session-start/testing'

const sessions = createTestSessions()

test('sessions are where they were put', async () => {
  assert.deepEqual(await sessions.read(await sessions.as('alice')), { user: 'alice' })
})
