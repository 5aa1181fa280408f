import { formatPath } from '../../php/key-path.ts'
import { PhpEnum, PhpFloat, PhpSerialized, PhpSerializedPart } from '../../php/values.ts'
import { detectSerializeHandler } from '../../serialize-handlers/serialize-handlers.ts'
import type { AddCommand } from '../command.ts'
import { CommandError, status } from '../exit-status.ts'
import { parseJson, phpInt } from '../json-value.ts'
import { pathText } from '../output.ts'
import { placeOptions, type Subject, takeSubject } from '../place.ts'
import { presenceOf } from '../presence.ts'
import { typedPath } from '../typed-path.ts'

/** `session-start set` and `unset`: changes of one variable, under PHP's lock, as a request makes them. */

export const set: AddCommand = (program, makeOutput) => {
  const command = program
    .command('set')
    .summary('change a variable')
    .description(
      'Sets a variable, or an element of an array in it. What is in between and missing, becomes an array. The value is a string, unless an option says otherwise.',
    )
    .argument(
      '<session...>',
      'a session’s file, or a place and the beginning of an id; then the path, as user.roles[0], and the value',
    )
    .option('--int', 'the value is a whole number')
    .option('--float', 'the value is a float')
    .option('--bool', 'the value is true or false')
    .option('--null', 'the value is null; none is given')
    .option('--json', 'the value is JSON: an array, an object as an array with keys')
    .addHelpText(
      'after',
      `
Examples:
  session-start set sess_1f3c… user.name Alice
  session-start set /var/lib/php/sessions 1f3c cart[0].quantity 3 --int
  session-start set sess_1f3c… balance --int -- -5
  session-start set sess_1f3c… flags '{"beta":true}' --json`,
    )
  placeOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const { subject, rest } = await takeSubject(args, options, output.terminal)
    const [path, text, ...more] = rest
    const isValueless = options.null === true
    if (path === undefined || (text === undefined) !== isValueless || more.length > 0) {
      throw new CommandError(`Give the path of the variable and ${isValueless ? 'no' : 'one'} value`, status.usage)
    }
    const [keys, value] = [typedPath(path), typed(text, options)]
    output.keepOn()
    await change(subject, (vars) => assign(vars, keys, value))
    await output.line(`${path} is set`)
  })
}

export const unset: AddCommand = (program, makeOutput, done) => {
  const command = program
    .command('unset')
    .summary('remove a variable')
    .description('Removes a variable, or an element of an array in it.')
    .argument('<session...>', 'a session’s file, or a place and the beginning of an id; then the path, as user.roles[0]')
    .addHelpText(
      'after',
      '\nExamples:\n  session-start unset sess_1f3c… cart\n  session-start unset /var/lib/php/sessions 1f3c user.roles[0]',
    )
  placeOptions(command).action(async (args: string[], options) => {
    const output = makeOutput(options)
    const { subject, rest } = await takeSubject(args, options, output.terminal)
    const [path] = rest
    if (path === undefined || rest.length > 1) throw new CommandError('Give the path of one variable', status.usage)
    const keys = typedPath(path)
    output.keepOn()
    let isFound = false
    await change(subject, (vars) => {
      isFound = remove(vars, keys)
    })
    if (!isFound) done(status.found)
    await output.line(isFound ? `${path} is removed` : `There is no ${pathText(path)}`)
  })
}

type Container = Record<string | number, unknown>
type Keys = readonly (string | number)[]

/** As a request does: under the lock, with all else as it was. */
async function change({ place, id, bytes, serializeHandler }: Subject, edit: (vars: Container) => void): Promise<void> {
  if (place === undefined || id === undefined) {
    throw new CommandError('Only a session of a save_path can be changed, for only there PHP’s lock is', status.usage)
  }
  const written = serializeHandler ?? detectSerializeHandler(bytes)
  const presence = presenceOf(place.sessions.directives.save_path, id)
  try {
    const session = await place.sessions.start({ id, ...(written === undefined ? {} : { serialize_handler: written }) })
    if (presence.isGone() && Object.keys(session.$_SESSION).length === 0) {
      await session.destroy()
      throw new CommandError('The session was destroyed meanwhile')
    }
    try {
      edit(session.$_SESSION)
    } catch (error) {
      await session.abort()
      throw error
    }
    await session.commit()
  } finally {
    presence.close()
  }
}

function assign(vars: Container, keys: Keys, value: unknown): void {
  let container = vars
  for (const [at, key] of keys.slice(0, -1).entries()) {
    const next = Object.hasOwn(container, key) ? container[key] : undefined
    if (next === undefined || next === null) container[key] = typeof keys[at + 1] === 'number' ? [] : {}
    else if (whole(next) !== undefined) {
      throw new CommandError(`${formatPath(keys.slice(0, at + 1))} holds ${whole(next)}, which has no elements`)
    }
    container = container[key] as Container
  }
  container[keys.at(-1)!] = value
}

function remove(vars: Container, keys: Keys): boolean {
  let container: unknown = vars
  for (const key of keys.slice(0, -1)) container = hasKey(container, key) ? container[key] : undefined
  const last = keys.at(-1)!
  if (!hasKey(container, last)) return false
  if (Array.isArray(container) && last === container.length - 1) container.pop()
  else delete container[last]
  return true
}

/** What JavaScript's own objects inherit, is no element of PHP's. */
function hasKey(value: unknown, key: string | number): value is Container {
  return whole(value) === undefined && Object.hasOwn(value as object, key)
}

/** What kind of value this is, if it is none with elements that could be changed one by one. */
function whole(value: unknown): string | undefined {
  if (Buffer.isBuffer(value)) return 'a string'
  if (value instanceof PhpEnum) return 'an enum'
  if (value instanceof PhpSerialized || value instanceof PhpSerializedPart) return 'an object that only its class can read'
  if (value instanceof PhpFloat) return 'a number'
  return typeof value === 'object' && value !== null ? undefined : `a ${typeof value}`
}

interface Kind {
  readonly int?: boolean
  readonly float?: boolean
  readonly bool?: boolean
  readonly json?: boolean
  readonly null?: boolean
}

/** @param text undefined for null */
function typed(text: string | undefined, { int, float, bool, json, null: isNull }: Kind): unknown {
  if ([int, float, bool, json, isNull].filter(Boolean).length > 1) throw new CommandError('A value has one type', status.usage)
  if (text === undefined) return null
  if (int) return (/^[+-]?\d+$/.test(text) ? phpInt(text) : undefined) ?? refuse(text, 'a whole number of 64 bits')
  if (float) return new PhpFloat(FLOATS.get(text) ?? (isFloat(text) ? Number(text) : refuse(text, 'a number, INF, -INF or NAN')))
  if (bool) return /^(true|false|1|0)$/.test(text) ? /^(true|1)$/.test(text) : refuse(text, 'true or false')
  return json ? parseJson(text) : text
}

/** As PHP writes them. */
const FLOATS: ReadonlyMap<string, number> = new Map([
  ['INF', Number.POSITIVE_INFINITY],
  ['-INF', Number.NEGATIVE_INFINITY],
  ['NAN', Number.NaN],
])

/** Too large a number would be INF without a word. */
function isFloat(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
}

function refuse(text: string, wanted: string): never {
  throw new CommandError(`${JSON.stringify(text)} is not ${wanted}`, status.usage)
}
