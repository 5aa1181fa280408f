require('session-start/testing').createTestSessions()

test.skip('no hook runs where no test does', () => {})
