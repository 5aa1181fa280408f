const sessions = require('session-start/testing').createTestSessions()

test('the process may end in a test', async () => {
  await sessions.seed({ n: 1 })
  process.exit(0)
})
