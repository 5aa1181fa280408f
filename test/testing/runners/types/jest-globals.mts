import { expect } from '@jest/globals'
import { matchers, sessionSerializer } from 'session-start/jest'

expect.extend(matchers)
expect.addSnapshotSerializer(sessionSerializer)
expect('/tmp/sess_a').toMatchSession({ user: expect.any(String) })
expect('/tmp/sess_a').not.toHaveSessionValue(['user', 0])
await expect('/tmp/sess_a').toBeReadableByPhp()
// @ts-expect-error: variables are an object
expect('/tmp/sess_a').toMatchSession('user')
