/** What the demo says: numbered steps, the code that ran, what both runtimes see, and a ✓ or a ✗. */
import { inspect, isDeepStrictEqual, styleText } from 'node:util'

const margin = 10
export const width = Math.min(process.stdout.columns ?? 100, 120) - margin

/** Counts what was checked; `differences` is what the exit status hangs on. */
export function createReport() {
  let steps = 0
  let checks = 0
  let differences = 0

  const report = {
    title: (text) => print(`\n${paint('bold', text)}`),

    /** `who` did something: 'PHP' or 'Node'. */
    step(who, sentence) {
      steps += 1
      print(`\n${paint('dim', `${steps}`.padStart(3))} ${badge(who)} ${paint('bold', sentence)}`)
    },

    code: (text) => print(indent(paint('cyan', text))),

    /** Label and text, the lines of which stand below each other. */
    row(label, text) {
      const [first, ...others] = text.split('\n')
      const line = `    ${paint('dim', label.padEnd(margin - 5))} ${first}`
      print([line.trimEnd(), ...others.map((other) => indent(other))].join('\n'))
    },

    /** ✓ when `actual` is `expected`, else ✗ and how they differ; of plain objects only the properties that do. */
    check(sentence, actual, expected = true) {
      checks += 1
      const isSame = isDeepStrictEqual(actual, expected)
      if (!isSame) differences += 1
      print(`        ${isSame ? paint('green', '✓') : paint('red', '✗')} ${isSame ? sentence : paint('bold', sentence)}`)
      if (!isSame) print(indent(difference(actual, expected)))
    },

    /** An error ended it all. */
    brokeOff(error) {
      differences += 1
      print(`        ${paint('red', '✗')} ${paint('bold', 'broke off')}\n${indent(error.stack ?? String(error))}`)
    },

    /** → how many differences there were */
    summary() {
      const count = `${steps} steps, ${checks} checks`
      const verdict = differences === 0 ? paint('green', '✓ no difference') : paint('red', `✗ ${differences} different`)
      print(`\n${verdict} in ${count}`)
      return differences
    },
  }
  return report
}

export function print(text) {
  process.stdout.write(`${text}\n`)
}

/** Colours where the terminal has them and NO_COLOR is not set. */
export function paint(style, text) {
  return styleText(style, text)
}

/** A JavaScript value as Node shows it, within the margin. */
export function show(value) {
  return inspect(value, { depth: null, breakLength: width, compact: 4, maxArrayLength: null })
}

/** Pieces of bytes, the new ones in colour, in lines that fit. */
export function showBytes(pieces) {
  const characters = pieces.flatMap(({ text, isNew }) => Array.from(text, (character) => ({ character, isNew })))
  const lines = []
  for (let start = 0; start < characters.length; start += width) lines.push(showLine(characters.slice(start, start + width)))
  return lines.join('\n')
}

function showLine(characters) {
  const runs = []
  for (const { character, isNew } of characters) {
    if (runs.at(-1)?.isNew === isNew) runs.at(-1).text += character
    else runs.push({ text: character, isNew })
  }
  return runs.map(({ text, isNew }) => (isNew ? paint('green', text) : text)).join('')
}

function difference(actual, expected) {
  const names = isRecord(actual) && isRecord(expected) ? Object.keys({ ...expected, ...actual }) : []
  if (names.length === 0) return `expected ${show(expected)}\n but got ${show(actual)}`
  const different = names.filter((name) => !isDeepStrictEqual(actual[name], expected[name]))
  return different.map((name) => `${name}: ${difference(actual[name], expected[name])}`).join('\n')
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badge(who) {
  return paint({ PHP: 'magenta', Node: 'green' }[who] ?? 'yellow', who.padEnd(5))
}

function indent(text) {
  return text.replace(/^/gm, ' '.repeat(margin))
}
