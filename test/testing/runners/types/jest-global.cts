import 'session-start/jest'

import testing = require('session-start/testing')

const sessions = testing.createTestSessions<{ user?: string; cart?: number[] }>({ users: { alice: { user: 'Alice' } } })

test('types', async () => {
  const alice: testing.TestSession = await sessions.as('alice', { cart: [] })
  expect(alice).toBePhpSession({ serialize_handler: 'php' })
  expect('/tmp/sess_a').not.toHaveSessionValue('user.name', expect.any(String))
  expect(Buffer.from('')).toMatchSession({ user: 'Alice' })
  const done: Promise<void> = expect(alice).toBeReadableByPhp({ php: ['php'] })
  await done
  const user: string | undefined = (await sessions.read(alice))?.user
  // @ts-expect-error: no such option
  expect(alice).toBePhpSession({ handler: 'php' })
  // @ts-expect-error: there is no path
  expect(alice).toHaveSessionValue()
  // @ts-expect-error: no such variable
  await sessions.seed({ name: user })
})
