// Once tests run, jest takes a new hook for a failure.
const load = () => {
  jest.resetModules()
  return require('session-start/testing').createTestSessions()
}

beforeAll(() => load().close())

test('the module may be loaded while tests run', async () => {
  await load().close()
})
