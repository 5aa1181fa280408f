const { createTestSessions } = require('session-start/testing')

const atTheTop = createTestSessions()
let inAHook

beforeAll(async () => {
  inAHook = createTestSessions()
  await inAHook.seed({ n: 2 })
})

test('sessions are where they were put', async () => {
  const inATest = createTestSessions()
  expect(await atTheTop.read(await atTheTop.as('alice'))).toEqual({ user: 'alice' })
  expect(await inATest.read(await inATest.as('alice'))).toEqual({ user: 'alice' })
})
