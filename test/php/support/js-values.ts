import fc from 'fast-check'
import { PhpEnum, PhpFloat, PhpObject, type Visibility } from '../../../src/php/values.ts'

/** Random values that an application could put into a session. */
export function jsValues({ withEnums }: { withEnums: boolean }): fc.Arbitrary<unknown> {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf(withEnums), ...containers(tie('tree'))),
  }))
  return fc.tuple(fc.array(tree, { maxLength: 4 }), fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 3 })).map(link)
}

/** PHP before 8.1 shows the last day of 2769, and of every 400 years from there, as the first of the next year. */
export const lastDate = new Date('2769-12-30T23:59:59.999Z')

/** Keys that mean something to PHP or to JavaScript, and any others. */
export const keys = fc.oneof(
  fc.constantFrom(
    'a',
    'id',
    '__proto__',
    'constructor',
    'length',
    'toString',
    'then',
    '',
    'é',
    'a b',
    'a\0b',
    '-0',
    '05',
    '1.5',
    '-',
  ),
  fc.constantFrom('0', '1', '2', '7', '4294967294', '4294967295', '-1', '9007199254740993', '9223372036854775807'),
  fc.constantFrom('-9223372036854775808', '9223372036854775808', '99999999999999999999', '1e3', '+1'),
  fc.string({ unit: 'binary', maxLength: 6 }).filter((key) => !key.startsWith('\0')),
)

function leaf(withEnums: boolean): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>(null, true, false, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.double({ min: -1e6, max: 1e6 }).map((value) => Math.round(value * 100) / 100),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ minLength: 60, maxLength: 70 }),
    fc.uint8Array({ maxLength: 12 }),
    fc.integer().map((value) => new PhpFloat(value)),
    fc.date({ min: new Date('-009999-01-01T00:00:00Z'), max: lastDate, noInvalidDate: true }),
    withEnums ? fc.constantFrom('Hearts', 'Spades').map((name) => new PhpEnum('RandomSuit', name)) : fc.boolean(),
  )
}

function containers(tree: fc.Arbitrary<unknown>): fc.Arbitrary<unknown>[] {
  const list = fc.array(tree, { maxLength: 5 })
  const entries = fc.uniqueArray(fc.tuple(keys, tree), { selector: ([key]) => key, maxLength: 4 })
  const visibility = fc.constantFrom<Visibility>('public', 'protected', 'private')
  const named = fc.uniqueArray(fc.tuple(keys, tree, visibility), { selector: ([key]) => key, maxLength: 4 })
  return [
    list,
    fc.sparseArray(tree, { maxLength: 6 }),
    fc.tuple(list, entries).map(([elements, more]) => withEntries(elements, more)),
    entries.map((more) => withEntries({}, more)),
    entries.map((more) => withEntries(Object.create(null), more)),
    entries.map((more) => new Map<unknown, unknown>(more)),
    list.map((elements) => new Set(elements)),
    fc.tuple(fc.constantFrom('App\\Item', 'Größe', 'stdClass'), named).map(([className, properties]) => {
      const visibilities = withEntries(
        {},
        properties.map(([key, , how]) => [key, how] as const),
      )
      return new PhpObject(className, withEntries({}, properties), visibilities as Record<string, Visibility>)
    }),
  ]
}

function withEntries(target: object, entries: readonly (readonly [string, unknown, ...unknown[]])[]): object {
  for (const [key, value] of entries) {
    if (Array.isArray(target) && key === 'length') continue
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  }
  return target
}

/** Puts containers of a list into others again, or into themselves. */
function link([root, links]: readonly [unknown[], readonly (readonly [number, number])[]]): unknown[] {
  const found = new Set<object>()
  collect(root, found)
  found.delete(root)
  const all = [...found]
  for (const [from, to] of all.length === 0 ? [] : links) {
    const target = all[to % all.length]!
    const value = all[from % all.length]
    Object.defineProperty(target, 'linked', { value, writable: true, enumerable: true, configurable: true })
  }
  return root
}

/** All arrays, plain objects and PHP objects inside; in other containers no more is put. */
function collect(value: unknown, found: Set<object>): void {
  if (typeof value !== 'object' || value === null) return
  const isOpen =
    Array.isArray(value) || value instanceof PhpObject || [Object.prototype, null].includes(Object.getPrototypeOf(value))
  if (!isOpen) return
  found.add(value)
  for (const element of Object.values(value)) collect(element, found)
}
