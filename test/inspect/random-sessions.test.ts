import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { formatPhp } from '../../src/inspect/print-php.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { describePhps } from '../php/support/phps.ts'
import { type Complaint, forAll, seed, show } from '../support/random.ts'
import { inSession } from './support/in-session.ts'
import { phpLinesOf } from './support/php-lines.ts'

const source = (...path: string[]) => readFileSync(join(__dirname, ...path), 'utf8').replace('<?php', '')
const walkPhp = source('support/walk.php')
const setup = [source('../session/support/random-session.php'), source('../php/support/random-value.php'), walkPhp].join('\n')
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

/** PHP makes a session of each seed, and says what is in it: the report has to say the same, with the slots that PHP counts. */
describePhps(`sessions that PHP makes of random seeds (SESSION_START_SEED=${seed})`, ['7.4', '8.5'], (php, version) => {
  const numRuns = version === 'native' ? 1500 : 400
  const ask = async (body: string, cases: readonly number[]) =>
    php().map(
      body,
      cases.map((each) => Buffer.from(`${each}`)),
      { setup },
    )

  it.each(serializeHandlerNames)('are told as PHP has them (%s)', async (handler) => {
    const firstSlot = handler === 'php_serialize' ? 1 : 0
    const body = inSession(
      handler,
      `random_session((int) $in); $bytes = (string) session_encode(); $_SESSION = array(); session_decode($bytes);
      return walk_session($_SESSION, ${firstSlot}) . "\\n\\n" . $bytes;`,
    )
    await forAll(seeds, numRuns, async (cases) => (await ask(body, cases)).map((answer) => sameLines(answer, handler)))
  })

  test('with objects of unknown classes and odd keys: as unserialize() has them', async () => {
    const body = `
      $bytes = serialize(random_value((int) $in, false));
      if (preg_match('/[CE]:\\d+:"|O:\\d+:"RandomMagic|O:\\d+:"(Spl|Array|Date)/', $bytes)) return '';
      return walk_session(unserialize($bytes, array('allowed_classes' => false)), 1) . "\\n\\n" . $bytes;`
    await forAll(seeds, numRuns, async (cases) => (await ask(body, cases)).map((answer) => sameLines(answer, 'php_serialize')))
  })

  test('are the same when PHP evaluates them as code', async () => {
    const written = inSession('php', 'random_session((int) $in); return (string) session_encode();')
    const evaluated = inSession(
      'php',
      `list($code, $bytes) = explode("\\n--\\n", $in, 2); session_decode($bytes);
      $value = eval("return $code;");
      return serialize($value) === serialize($_SESSION) ? 'same' : serialize($value) . "\\n" . serialize($_SESSION);`,
    )
    await forAll(seeds, numRuns, async (cases) => {
      const sessions = await ask(written, cases)
      const inputs = sessions.map((bytes) => {
        if (bytes instanceof Error) throw bytes
        return Buffer.concat([Buffer.from(`${formatPhp(inspectSession(bytes, 'php'))}\n--\n`), bytes])
      })
      const answers = await php().map(evaluated, inputs, { setup })
      return answers.map((answer, index) =>
        String(answer) === 'same'
          ? undefined
          : `${show(inputs[index]!)}\n${answer instanceof Error ? answer.message : show(answer)}`,
      )
    })
  })
})

function sameLines(answer: Buffer | Error, handler: string): Complaint {
  if (answer instanceof Error) return answer.message
  if (answer.length === 0) return undefined
  const end = answer.indexOf('\n\n')
  const [inPhp, bytes] = [answer.toString('utf8', 0, end), answer.subarray(end + 2)]
  const report = inspectSession(bytes, handler)
  const ours = phpLinesOf(report)
  if (report.problem === undefined && ours === inPhp) return undefined
  return `${show(bytes)}\n${report.problem?.message ?? ''}\nPHP\n${inPhp}\nours\n${ours}`
}
