/**
 * Runs the code blocks of one document, one after the other: `node docs-runner.mjs result.json module.mjs …`.
 * The result is rewritten after each, so that a block that hangs or ends the process leaves what came before it.
 */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { format, inspect } from 'node:util'

const [resultFile, ...modules] = process.argv.slice(2)
const result = {}
let problems = []
let unreached = new Set()
let printed = []

console.log = (...args) => printed.push(format(...args))

/** What the lines of a block call that state a result; `line` is their line in the document. */
globalThis.__result = {
  stated(lines) {
    unreached = new Set(lines)
  },

  async value(line, expected, evaluate) {
    this.start()
    compare(line, expected, await outcome(evaluate))
  },

  start() {
    printed = []
  },

  printed(line, expected) {
    compare(line, expected, printed.join('\n'))
  },
}

for (const module of modules) {
  problems = []
  try {
    await import(pathToFileURL(module))
    for (const line of unreached) problems.push({ line, message: `line ${line}: it was not reached` })
  } catch (error) {
    problems.push({ message: inspect(error) })
  }
  result[module] = problems
  writeFileSync(resultFile, JSON.stringify(result))
}
process.exit() // a server that a block started would keep the process alive

/** What was printed if something was, or else the value as `util.inspect` shows it, or what was thrown. */
async function outcome(evaluate) {
  try {
    const value = await evaluate()
    return printed.length > 0 ? printed.join('\n') : inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null })
  } catch (error) {
    return `throws ${error.name}${error.code ? ` ${error.code}` : ''}: ${error.message}`
  }
}

function compare(line, expected, actual) {
  unreached.delete(line)
  if (!matches(actual, expected)) problems.push({ line, message: `line ${line}: expected ${expected}\n  but got ${actual}` })
}

/** White space counts as one blank; … stands for anything. */
function matches(actual, expected) {
  const pattern = oneLine(expected)
    .split('…')
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${pattern}$`).test(oneLine(actual))
}

function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim()
}
