import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serialize } from '../../src/php/serialize.ts'
import { forAll, seed, show } from '../support/random.ts'
import { jsValues } from './support/js-values.ts'
import { describePhps, someVersions } from './support/phps.ts'
import { view } from './support/view.ts'

const viewFunction = readFileSync(join(__dirname, 'support', 'view.php'), 'utf8').replace('<?php', '')

describePhps(`random JavaScript values (SESSION_START_SEED=${seed})`, someVersions, (php, version) => {
  const withEnums = version !== '7.4'
  const setup = withEnums ? `enum RandomSuit { case Hearts; case Spades; }\n${viewFunction}` : viewFunction

  test('are in PHP what they should be, and PHP writes the same bytes', async () => {
    const body = `
      $value = unserialize($in);
      $again = serialize($value);
      return ($again === $in ? 'same' : bin2hex($again)) . ' ' . view($value);`
    await forAll(jsValues({ withEnums }), 700, async (values) => {
      const written = values.map((value) => serialize(value))
      const answers = await php().map(body, written, { setup })
      return answers.map((answer, index) => {
        const expected = `same ${view(values[index])}`
        if (answer.toString() === expected) return undefined
        return `${show(written[index]!)}\n  expected ${expected}\n  PHP      ${answer}`
      })
    })
  })
})
