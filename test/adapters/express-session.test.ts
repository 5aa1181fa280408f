import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { answerScenarios } from './express-session/answers.ts'
import { cookieScenarios } from './express-session/cookies.ts'
import { methodScenarios } from './express-session/methods.ts'
import { visitAll } from './express-session/scenario.ts'
import { frameworks } from './express-session/sides.ts'
import { variableScenarios } from './express-session/variables.ts'

/** `req.session` beside express-session's: the same pages, the same visits, the same answers and cookies. */

const scenarios = [...variableScenarios, ...methodScenarios, ...answerScenarios, ...cookieScenarios]

describe.each(Object.entries(frameworks))('%s: the same as with express-session:', (_name, newApp) => {
  it.each(scenarios.map((each) => [each.title, each] as const))('%s', async (_title, scenario) => {
    const theirs = await visitAll(newApp(), 'theirs', scenario)
    expect(await visitAll(newApp(), 'ours', scenario)).toEqual(theirs)
  })
})

it('what a callback throws is the application’s, as with express-session', () => {
  const found = (which: string) =>
    JSON.parse(execFileSync(process.execPath, [join(__dirname, 'express-session/throws.cjs'), which], { encoding: 'utf8' }))
  expect(found('theirs')).toContainEqual(['uncaughtException', 'from save'])
  expect(found('ours')).toEqual(found('theirs'))
})
