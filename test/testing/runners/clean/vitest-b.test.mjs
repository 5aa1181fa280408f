import { createTestSessions } from 'session-start/testing'
import { expect, test } from 'vitest'

const sessions = createTestSessions()

test('sessions are where they were put', async () => {
  expect(await sessions.read(await sessions.as('alice'))).toEqual({ user: 'alice' })
})
