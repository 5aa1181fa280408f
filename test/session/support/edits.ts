import { recall } from '../../../src/php/memory.ts'
import { PhpObject } from '../../../src/php/values.ts'

/**
 * One change of `$_SESSION`, the same for PHP (`edit_session` in random-session.php) and here. The path leads from `$_SESSION` through
 * arrays and objects to the place that is changed.
 *
 * Left out is what means two things by design:
 * - a whole number into a place that held a float, and a whole float moved to a new place: JavaScript has one kind of number, and
 *   the place decides;
 * - an array copied, or moved while it stands elsewhere too: here it is one array in two places, PHP makes two;
 * - an index key, or a place that is a reference, removed from a nested array and added again: JavaScript does not show that it was
 *   away;
 * - a change after a nested place of a reference was changed: the other places get the value when the session is written, PHP's
 *   have it at once;
 * - an object copied into a reference: PHP makes one reference of all places where the object stands, we keep them apart;
 * - a declared property removed and added again: PHP puts it back where the class declares it.
 */
export type Edit = readonly [
  what: 'set' | 'delete' | 'again' | 'append' | 'add' | 'copy',
  path: readonly (string | number)[],
  given?: unknown,
]

// biome-ignore lint/suspicious/noExplicitAny: a container of PHP's holds anything
export type Vars = Record<string | number, any>

export function editSession(vars: Vars, edits: readonly Edit[]): void {
  for (const [what, path, given] of edits) {
    let container = vars
    for (const key of path.slice(0, -1)) container = container[key]
    const last = path.at(-1)!
    if (what === 'delete') delete container[last]
    else if (what === 'again') {
      const value = container[last]
      delete container[last]
      container[last] = value
    } else if (what === 'append') container[last].push(madeOf(given))
    else if (what === 'add') container[last] += given
    else assign(container, last, what === 'copy' ? vars[given as string] : madeOf(given))
  }
}

/** `__proto__` is a key like any other, on an object that is none of `$_SESSION`'s as well. */
function assign(container: Vars, key: string | number, value: unknown): void {
  if (key === '__proto__' && !Object.hasOwn(container, key)) {
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
  } else container[key] = value
}

/** Made anew for each place, so that no array stands in two. */
function madeOf(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given
  if (Array.isArray(given)) return given.map(madeOf)
  const { object } = given as { object?: object }
  const entries = Object.entries(object ?? given).map(([key, value]) => [key, madeOf(value)])
  return object === undefined ? Object.fromEntries(entries) : new PhpObject('stdClass', Object.fromEntries(entries))
}

/** A random choice: which kind of edit, which of the places where it can be made, which value. */
export interface Pick {
  readonly kind: number
  readonly place: number
  readonly value: unknown
  readonly number: number
}

/** Turns choices into edits that can be made one after the other, by making them in `vars`. */
export function chooseEdits(vars: Vars, picks: readonly Pick[]): Edit[] {
  const edits: Edit[] = []
  for (const pick of picks) {
    const all = candidates(vars, pick)
    if (all.length === 0) continue
    const edit = all[pick.place % all.length]!
    const isReference = isNestedReference(vars, edit)
    editSession(vars, [edit])
    edits.push(edit)
    if (isReference) break
  }
  return edits
}

function isNestedReference(vars: Vars, [, path]: Edit): boolean {
  const container = path.slice(0, -1).reduce((inner, key) => inner[key], vars)
  return path.length > 1 && recall(container)?.references?.has(path.at(-1)!) === true
}

interface PlaceFound {
  readonly path: readonly (string | number)[]
  readonly container: Vars
  readonly value: unknown
  /** Whether PHP code can reach it. */
  readonly isPublic: boolean
}

function candidates(vars: Vars, { kind, value, number }: Pick): Edit[] {
  const keys = Object.keys(vars)
  const all = placesIn(vars)
  const places = all.filter(({ isPublic }) => isPublic)
  const count = new Map<unknown, number>()
  for (const place of all) count.set(place.value, (count.get(place.value) ?? 0) + 1)
  const isMovable = (moved: unknown) => !isWholeFloat(moved) && !(isArray(moved) && count.get(moved)! > 1)
  switch (kind % 7) {
    case 0:
      return ['user', 'n', 'new', 'é', 'toString'].map((key) => [
        'set',
        [key],
        key in Object(null) ? value : fitting(vars[key], value),
      ])
    case 1:
      return keys.map((key) => ['delete', [key]])
    case 2:
      return keys.filter((key) => isMovable(vars[key])).map((key) => ['again', [key]])
    case 3:
      return keys
        .filter((key) => isMovable(vars[key]) && !isArray(vars[key]) && !Number.isInteger(vars[key]))
        .flatMap((key): Edit[] => (key === 'copied' ? [] : [['copy', ['copied'], key]]))
    case 4:
      return places.filter((place) => isDense(place.value)).map(({ path }) => ['append', path, value])
    case 5:
      return places
        .filter((place) => typeof place.value === 'number')
        .map(({ path, value: now }) => ['add', path, Number.isInteger(now) && !isWholeFloat(now) ? (number % 5) + 1 : 0.015625])
    default:
      return nestedChanges(places, value, number)
  }
}

function nestedChanges(places: readonly PlaceFound[], value: unknown, number: number): Edit[] {
  const nested = places.filter(({ path }) => path.length > 1)
  if (number % 3 === 0) return nested.map(({ path, value: now }) => ['set', path, fitting(now, value)])
  const named = nested.filter(({ container }) => !Array.isArray(container) && !isDeclared(container))
  if (number % 3 === 1) return named.map(({ path }) => ['delete', path])
  return named
    .filter(
      ({ container, value: now }) => isArray(container) && !Object.keys(container).some(isInteger) && isArray(now) === false,
    )
    .filter(({ container, path, value: now }) => !isWholeFloat(now) && !recall(container)?.references?.has(path.at(-1)!))
    .map(({ path }) => ['again', path])
}

/** All places in `$_SESSION`, each array and object looked into once. */
function placesIn(vars: Vars): PlaceFound[] {
  const seen = new Set<unknown>()
  const found: PlaceFound[] = []
  const walk = (container: Vars, path: readonly (string | number)[], isPublic: boolean) => {
    for (const name of Object.keys(container)) {
      const key = Array.isArray(container) && isInteger(name) ? Number(name) : name
      const value: unknown = container[key]
      found.push({ path: [...path, key], container, value, isPublic })
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array || seen.has(value)) continue
      seen.add(value)
      walk(value as Vars, [...path, key], isPublic && !isDeclared(value))
    }
  }
  walk(vars, [], true)
  return found
}

/** A value that may be set where `now` is: a whole number only where nothing was, because the place may have held a float. */
function fitting(now: unknown, value: unknown): unknown {
  return now !== undefined && Number.isInteger(value) ? 'seven' : value
}

function isArray(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof PhpObject) && !(value instanceof Uint8Array)
}

/** A list without holes: only there PHP and JavaScript agree on what comes next. */
function isDense(value: unknown): boolean {
  return Array.isArray(value) && Object.keys(value).length === value.length
}

function isDeclared(value: object): boolean {
  return value instanceof PhpObject && 'name' in value
}

function isWholeFloat(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1e6
}

function isInteger(key: string): boolean {
  return /^-?\d+$/.test(key)
}
