import { writeFileSync } from 'node:fs'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { failureOf } from '../files.ts'
import { assertListable } from '../listable.ts'
import { wholeNumber } from '../numbers.ts'
import { pathText } from '../output.ts'
import { onlyPlace, placeOptions } from '../place.ts'
import { collect } from '../stats/collect.ts'
import { pageOf } from '../stats/page.ts'
import { textOf } from '../stats/text.ts'
import { grouped } from '../stats/words.ts'

/** `session-start stats`: all sessions of a place in numbers. */
export const stats: AddCommand = (program, makeOutput) => {
  const command = program
    .command('stats')
    .summary('count sessions: sizes, ages, keys')
    .description(
      'Counts the sessions of a place: how large and how old they are, who wrote them, which keys of $_SESSION they hold. ' +
        'Of what is in the sessions, only keys are shown.',
    )
    .argument('[place]', 'a save_path or a php.ini')
    .option('--keys <count>', 'how many keys to show', wholeNumber, 15)
    .option('--html [file]', 'make a page with charts, in an .html file or on standard output')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  session-start stats /var/lib/php/sessions
  session-start stats --ini /etc/php/8.2/fpm/php.ini --json
  session-start stats /var/lib/php/sessions --html sessions.html`,
    )
  placeOptions(command).action(async (given: string | undefined, options) => {
    const output = makeOutput(options)
    const { html, keys } = options
    // The place could be taken for the file, which would be overwritten.
    if (typeof html === 'string' && !/\.html?$/i.test(html)) {
      throw new CommandError(`--html takes the name of an .html file, unlike ${pathText(html)}`, status.usage)
    }
    if (html === true && output.isJson) {
      throw new CommandError('Standard output takes one of both: with --json, give --html a file', status.usage)
    }
    const place = await onlyPlace(given, options)
    assertListable(place)
    const isText = !output.isJson && html === undefined
    if (isText) await output.line(output.colors.bold(`Sessions in ${place.label}`))
    const found = await collect(place, {
      keys,
      onProgress: throttled((looked) => output.progress(`${grouped(looked)} sessions`)),
    })
    if (output.isJson) await output.json(found)
    else if (isText) for (const line of textOf(found, output)) await output.line(line)
    if (html === true) await output.line(pageOf(found).trimEnd())
    else if (html !== undefined) {
      writePage(html, pageOf(found))
      output.note(`${pathText(html)} has the page`)
    }
  })
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page)
  } catch (error) {
    throw failureOf(error, `${pathText(file)} cannot be written`)
  }
}

/** Ten times a second. */
function throttled(show: (looked: number) => void): (looked: number) => void {
  let shown = Number.NEGATIVE_INFINITY
  return (looked) => {
    const now = performance.now()
    if (now - shown < 100) return
    shown = now
    show(looked)
  }
}
