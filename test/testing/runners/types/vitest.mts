import { matchers, sessionSerializer } from 'session-start/vitest'
import { expect } from 'vitest'

expect.extend(matchers)
expect.addSnapshotSerializer(sessionSerializer)
expect('/tmp/sess_a').toMatchSession({ user: expect.any(String) })
expect('/tmp/sess_a').not.toHaveSessionValue(['user', 0])
await expect('/tmp/sess_a').toBeReadableByPhp()
await expect(Promise.resolve('/tmp/sess_a')).resolves.toBePhpSession()
// @ts-expect-error: variables are an object
expect('/tmp/sess_a').toMatchSession('user')

// All that vitest 5 takes its matchers from.
declare const chai: Chai.Assertion
chai.toHaveSessionValue('user')
// @ts-expect-error: variables are an object
chai.toMatchSession('user')
