import { inspect } from 'node:util'
import type { Diagnosis } from '../inspect/diagnosis.ts'
import { formatReport, formatValue, type Piece } from '../inspect/print.ts'
import { printable } from '../inspect/quote.ts'
import type { ValueNode } from '../inspect/report.ts'
import { formatPath } from '../php/key-path.ts'
import type { AsymmetricMatcher, Difference, Expected } from './compare.ts'
import type { Place, StoredVars } from './stored-vars.ts'

/** Puts colours around what was expected and around what is there; writes matchers as the test runner does. */
export interface Paint {
  expected(text: string): string
  received(text: string): string
  matcher(matcher: AsymmetricMatcher): string
}

/** No colours. */
export const plain: Paint = { expected: (text) => text, received: (text) => text, matcher: matcherText }

const MOST_PLACES = 20
const MOST_LINES = 12
const MOST_KEYS = 10
const LONGEST_STRING = 100

/** Where a session is not as expected, place by place, in PHP's types. */
export function differencesMessage(label: string, differences: readonly Difference[], vars: StoredVars, paint = plain): string {
  const places = differences.slice(0, MOST_PLACES).map((difference) => {
    const [expected, received] = bothSides(difference, vars, paint)
    return `  ${placeName(difference.keys)}\n    expected: ${paint.expected(expected)}\n    received: ${paint.received(received)}`
  })
  const more = differences.length - places.length
  if (more > 0) places.push(`  … and ${more} more`)
  const hint = differences.map(hintOf).find((text) => text !== undefined)
  const where = differences.length > 1 ? ` in ${differences.length} places` : ''
  return [`${label} is not as expected${where}:`, '', ...places, ...(hint === undefined ? [] : ['', hint])].join('\n')
}

/** A place that is as it was expected not to be. */
export function sameMessage(label: string, keys: readonly string[], { node }: Place, paint = plain): string {
  return `${label} is as it was expected not to be:\n\n  ${placeName(keys)}\n    received: ${paint.received(shortNode(node))}`
}

/** Why PHP would destroy a session, or drop a part of it: what happened, and where. */
export function damageMessage(label: string, diagnosis: Diagnosis, size: number, paint = plain): string {
  const { message, isDestroyed, serializeHandler, path, offset, expected, before, at, after } = diagnosis
  const [start, wrong, end] = [before, at, after].map((bytes) => printable(bytes.toString())) as [string, string, string]
  const inPath = path === '' ? '' : `${printable(path)}, `
  const asHandler = serializeHandler === undefined ? '' : `, serialize_handler ${serializeHandler}`
  return [
    `PHP would ${isDestroyed ? 'destroy' : 'drop a part of'} ${label}. ${message}`,
    '',
    `  ${inPath}byte ${offset} of ${size}${asHandler}`,
    `    expected: ${paint.expected(expected)}`,
    `    received: ${paint.received(start + wrong + end)}`,
    `              ${' '.repeat(start.length)}${'^'.repeat(Math.max(1, wrong.length))}`,
  ].join('\n')
}

/** A value in PHP's types, with what is in it. */
export function formatNode(value: ValueNode, maxStringLength?: number): string {
  const report = {
    serializeHandler: undefined,
    size: 0,
    variables: [{ key: 'x', offset: 0, length: 0, value }],
    problem: undefined,
  }
  // The note says how many bytes it takes, which is nothing a test looks for.
  const style = (piece: Piece, text: string) => (piece === 'note' && text.startsWith('  #') ? '' : text)
  return formatReport(report, { style, maxStringLength }).slice('x: '.length)
}

function bothSides(
  { keys, expected, received }: Difference,
  vars: StoredVars,
  paint: Paint,
): [expected: string, received: string] {
  if (expected.kind === 'visibility') return [`a ${expected.visibility} property`, `a ${received?.visibility} property`]
  if (received === undefined) return [expectedText(expected, paint), `nothing; ${surroundings(keys, vars)}`]
  const start = expected.kind === 'value' ? firstDifference(expected.node, received.node) : 0
  return [expectedText(expected, paint, start), shortNode(received.node, start)]
}

function expectedText(expected: Exclude<Expected, { kind: 'visibility' }>, paint: Paint, start = 0): string {
  switch (expected.kind) {
    case 'value':
      return shortNode(expected.node, start)
    case 'container':
      return expected.className === undefined ? `array(${expected.size})` : `object(${expected.className})`
    case 'matcher':
      return shortLines(expected.matcher.toAsymmetricMatcher?.() ?? paint.matcher(expected.matcher))
    case 'nothing':
      return 'nothing'
  }
}

function placeName(keys: readonly string[]): string {
  return formatPath(keys) || '$_SESSION'
}

/** As near to it as can be without the test runner: `StringContaining 'a'`. */
function matcherText(matcher: AsymmetricMatcher): string {
  const { sample } = matcher as { sample?: unknown }
  return `${matcher}${sample === undefined ? '' : ` ${inspect(sample)}`}`
}

/** The same, but what is long is cut: strings before `start` and at their end, trees at their end. */
function shortNode(node: ValueNode, start = 0): string {
  const { value } = node
  const from = start - LONGEST_STRING / 4
  const cut =
    typeof value === 'string' && value.length > LONGEST_STRING && from > 0
      ? { ...node, value: `…${value.slice(from).replace(/^[\udc00-\udfff]/, '')}` }
      : node
  return shortLines(formatNode(cut, LONGEST_STRING))
}

function shortLines(text: string): string {
  const lines = text.split('\n')
  const shown =
    lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), `… ${lines.length - MOST_LINES + 1} lines more`] : lines
  return shown.join('\n    ')
}

/** Where two strings differ for the first time. */
function firstDifference({ value: one }: ValueNode, { value: other }: ValueNode): number {
  if (typeof one !== 'string' || typeof other !== 'string') return 0
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

/** What there is where a key is missing. */
function surroundings(keys: readonly string[], vars: StoredVars): string {
  const outer = keys.slice(0, -1)
  const place = vars.at(outer)
  if (place === undefined) return surroundings(outer, vars)
  const name = placeName(outer)
  if (place.node.members === undefined) return `${name} is ${formatValue(place.node, { maxStringLength: LONGEST_STRING })}`
  const names = [...vars.within(place).keys()].map((key) => formatPath([key]))
  if (names.length === 0) return `${name} is empty`
  return `${name} has ${names.slice(0, MOST_KEYS).join(', ')}${names.length > MOST_KEYS ? ` and ${names.length - MOST_KEYS} more` : ''}`
}

/** How to expect what is there, where JavaScript does not tell PHP's types apart. */
function hintOf({ expected, received }: Difference): string | undefined {
  const { type, value, className } = received?.node ?? {}
  if (expected.kind === 'value' && expected.node.type === 'int' && type === 'float' && value === expected.node.value) {
    return `${value} expects an int; new PhpFloat(${value}) expects a float`
  }
  if (expected.kind === 'container' && expected.className === undefined && type === 'object') {
    return `{ … } expects an array; new PhpObject(${inspect(className)}, { … }) expects an object`
  }
  return undefined
}
