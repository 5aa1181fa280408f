/** The tokens of php.ini: the rules of Zend/zend_ini_scanner.l, for INI_SCANNER_NORMAL. */
export interface Token {
  readonly kind: TokenKind
  /** As the parser needs it: names without blanks around them, '…' without its quotes. */
  readonly text: string
  /** The line it begins on. */
  readonly line: number
}

export type TokenKind =
  /** A name at the start of a line, alone or with a `[`; on, off and their like; a value's pieces; the name in `${name:-default}`. */
  | ('label' | 'offset' | 'word' | 'text' | 'constant' | 'quoted' | 'variable')
  | ('[' | ']' | '=' | '"' | '${' | ':-' | '}')
  | ('|' | '&' | '^' | '~' | '!' | '(' | ')')
  /** The end of a line, the end of the file, and what has no place where it stands. */
  | ('end' | 'eof' | 'other')

type State = 'start' | 'value' | 'section' | 'offset' | 'quotes' | 'name' | 'fallback'

/** A piece of text that makes a token, and the state that follows. A state that was entered goes back to the one before it. */
interface Rule {
  readonly kind: TokenKind | 'operator' | 'blank'
  /** Several: pieces of which there may be any number, in any order. */
  readonly pattern: RegExp | readonly RegExp[]
  /** The piece that has to be the last. */
  readonly last?: RegExp
  readonly goTo?: State
  readonly enter?: State
  readonly leave?: true
}

const LABEL = '[^=\\n\\r\\t;&|^$~(){}!"[\\]]+'
/** A `$` that begins no `${` takes the next character along, whichever that is, and may take one more behind a `\`. */
const dollar = [/\$[^{]/sy, /\$\\./sy]

const single: Rule = { kind: 'text', pattern: /'[^']+'/y }
const constant: Rule = { kind: 'constant', pattern: /[a-zA-Z_][a-zA-Z0-9_]*/y }
const variable: Rule = { kind: '${', pattern: /\$\{/y, enter: 'name' }
const variableEnd: Rule = { kind: '}', pattern: /\}/y, leave: true }
const quote: Rule = { kind: '"', pattern: /[ \t]*"/y, enter: 'quotes' }
const word: Rule = { kind: 'word', pattern: /(?:true|on|yes|false|off|none|no|null)[ \t]*/iy }
const lineEnd: Rule = { kind: 'end', pattern: /[ \t]*(?:;[^\r\n]*)?(?:\r\n|\r|\n)/y, goTo: 'start' }
/** A comment on a last line that does not end. */
const lastComment: Rule = { kind: 'eof', pattern: /[ \t]*;[^\r\n]*$/y }
const valueText = [/[^$= \t\n\r;&|^~()!"']+/y, ...dollar]
const bracketText: Rule = { kind: 'text', pattern: [/[^$\n\r;"'\]\\]+/y, /\\./sy, ...dollar] }

/** In each state the rule holds that takes the most text; of several, the first. */
const rules: Readonly<Record<State, readonly Rule[]>> = {
  start: [
    { kind: '[', pattern: /\[/y, goTo: 'section' },
    { kind: 'offset', pattern: sticky(`${LABEL}\\[[ \\t]*`), goTo: 'offset' },
    word,
    { kind: 'label', pattern: sticky(LABEL) },
    { kind: '=', pattern: /[ \t]*=[ \t]*/y, goTo: 'value' },
    lineEnd,
    lastComment,
    { kind: 'blank', pattern: /[ \t]+/y },
  ],
  value: [
    single,
    variable,
    word,
    lineEnd,
    lastComment,
    constant,
    { kind: 'operator', pattern: /[&|^~()!][ \t]*/y },
    // Behind the last `$\`, PHP takes the end of the file along, and sees nothing of all that.
    { kind: 'eof', pattern: valueText, last: /\$\\$/y },
    { kind: 'text', pattern: valueText },
    quote,
    { kind: 'text', pattern: /[ \t]+/y },
    { kind: 'other', pattern: /'[^']*$/y },
    // A second = is for no value; an empty '' ends one.
    { kind: 'end', pattern: /(?==)|./sy, goTo: 'start' },
  ],
  section: [single, { kind: ']', pattern: /\][ \t]*(?:\r\n|\r|\n)?/y, goTo: 'start' }, variable, constant, bracketText, quote],
  offset: [single, { kind: ']', pattern: /[ \t]*\]/y, goTo: 'start' }, variable, constant, bracketText, quote],
  quotes: [
    variable,
    { kind: '"', pattern: /"[ \t]*/y, leave: true },
    // In \" at the end of a line only the " is one: "C:\path\"
    { kind: 'quoted', pattern: /(?:[^"$\\]|\$(?!\{)|\\(?!"(?:[\r\n]|$)).|\\)+/sy },
  ],
  name: [
    { kind: ':-', pattern: /:-/y, goTo: 'fallback' },
    // PHP does not read ${N:-default} where the name is a single character.
    { kind: 'variable', pattern: /(?!.:-)(?:[^=\n\r\t;&|^$~(){}!"[\]:]|:(?!-))+/y },
    variableEnd,
  ],
  fallback: [variable, variableEnd, constant, { kind: 'text', pattern: [/[^$\n\r;"'}\\]+/y, /\\./sy, ...dollar] }, quote],
}

const noRule: Rule = { kind: 'other', pattern: /./sy }

function sticky(pattern: string): RegExp {
  return new RegExp(pattern, 'sy')
}

/** The tokens of an ini file; the last is 'eof', with the line of the end. */
export function* scanIni(text: string, firstLine: number): Generator<Token, never> {
  const outer: State[] = []
  let state: State = 'start'
  let line = firstLine
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    const [rule, match] = longest(rules[state], text, at)
    if (rule.kind === 'eof') {
      state = 'start'
      break
    }
    const kind = rule.kind === 'operator' ? (match[0] as TokenKind) : rule.kind
    if (kind !== 'blank') yield { kind, text: clean(rule, match), line }
    if (rule.enter !== undefined) outer.push(state)
    state = rule.leave ? outer.pop()! : (rule.enter ?? rule.goTo ?? state)
    at += match.length
    line += match.match(/\r\n|\r|\n/g)?.length ?? 0
  }
  if (state === 'value') yield { kind: 'end', text: '', line }
  for (;;) yield { kind: 'eof', text: '', line }
}

function longest(candidates: readonly Rule[], text: string, at: number): readonly [Rule, string] {
  let best: readonly [Rule, string] | undefined
  for (const rule of candidates) {
    const match = matchOf(rule, text, at)
    if (match !== undefined && match.length > (best?.[1].length ?? -1)) best = [rule, match]
  }
  return best ?? [noRule, text[at]!]
}

function matchOf({ pattern, last }: Rule, text: string, at: number): string | undefined {
  const end = pattern instanceof RegExp ? endOf(pattern, text, at) : furthest(pattern, text, at, last)
  return end === undefined ? undefined : text.slice(at, end)
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/** In `$\$x` two pieces can begin at the same place, and those count that lead furthest. */
function furthest(pieces: readonly RegExp[], text: string, at: number, last?: RegExp): number | undefined {
  const places = new Set([at])
  let best: number | undefined
  for (const place of places) {
    const end = last === undefined ? place : endOf(last, text, place)
    if (end !== undefined && end > (best ?? at)) best = end
    for (const piece of pieces) places.add(endOf(piece, text, place) ?? at)
  }
  return best
}

function clean(rule: Rule, match: string): string {
  if (rule === single) return match.slice(1, -1)
  if (rule.kind === 'label' || rule.kind === 'offset' || rule.kind === 'variable') return match.replace(/^[ \t]+|[[ \t]+$/g, '')
  return match
}
