import { scanIni, type TokenKind } from './ini-tokens.ts'

/** `name = value`, `name[key] = value`, or a name alone. */
export interface IniEntry {
  /** The line it begins on. */
  readonly line: number
  /** The section it stands in; '' before the first. */
  readonly section: string
  /** All that begin above it, also those without entries. */
  readonly sections: ReadonlySet<string>
  readonly name: string
  /** What stands in the brackets; undefined where there are none. */
  readonly key: string | undefined
  /** Undefined for a name alone, which PHP ignores. */
  readonly value: string | undefined
  /** Why `value` may be another in PHP, or is not what was meant. */
  readonly problem: string | undefined
}

/** What `${name}` stands for: a setting above it, or else a variable of the environment. */
export type Lookup = (name: string) => Pick<IniEntry, 'value' | 'problem'> | undefined

/**
 * The entries of an ini file as PHP reads it (Zend/zend_ini_parser.y, of PHP 8.3). Older ones only lack `${name:-default}`: to them all of
 * that is a name, which nothing has; with `hasDefaults` false it is so here. Each entry is read when it is asked for, so that `lookup`
 * may know those before it.
 *
 * The ini packages of npm read another dialect: none knows PHP's constants, operators, variables and values over several lines, nor
 * tells the line of a setting.
 * @param file its name, for errors
 * @throws TypeError that begins with `file:line:`, for what is a syntax error in PHP
 */
export function* parseIni(file: string, text: string, lookup: Lookup, hasDefaults = true): Generator<IniEntry> {
  const tokens = scanIni(text, 1)
  let token = tokens.next().value
  let line = 1
  let section = ''
  const sections = new Set<string>()
  let problem: string | undefined

  while (token.kind !== 'eof') {
    line = token.line
    problem = undefined
    if (token.kind === 'label') {
      const name = take('label')
      const value = is('=') ? readValue() : undefined
      yield { line, section, sections, name, key: undefined, value, problem }
    } else if (token.kind === 'offset') {
      const name = take('offset')
      const key = readTexts()
      take(']')
      const value = readValue()
      yield { line, section, sections, name, key, value, problem }
    } else if (token.kind === '[') {
      take('[')
      section = readTexts()
      sections.add(section)
      take(']')
    } else {
      take('end')
    }
  }

  function readValue(): string {
    take('=')
    if (is('end')) return ''
    return is('word') ? WORDS[take('word').trim().toLowerCase()]! : readExpression()
  }

  /** All operators bind alike, from left to right. */
  function readExpression(): string {
    let value = readOperand()
    while (is('|', '&', '^')) {
      const operator = token.kind
      take(operator)
      const [a, b] = [integer(value), integer(readOperand())]
      value = String(operator === '|' ? a | b : operator === '&' ? a & b : a ^ b)
    }
    return value
  }

  function readOperand(): string {
    if (is('~', '!')) {
      const operator = token.kind
      take(operator)
      const operand = integer(readOperand())
      return String(operator === '~' ? ~operand : Number(operand === 0))
    }
    if (is('(')) {
      take('(')
      const value = readExpression()
      take(')')
      return value
    }
    return is(...TEXTS) ? readTexts() : fail()
  }

  /** Texts, quoted texts and variables, side by side. */
  function readTexts(): string {
    let value = ''
    while (is(...TEXTS)) {
      if (is('text')) value += take('text')
      else if (is('constant')) value += constant(take('constant'))
      else value += is('"') ? readQuoted() : readVariable()
    }
    return value
  }

  function readQuoted(): string {
    let value = ''
    take('"')
    while (is('quoted', '${')) value += is('${') ? readVariable() : take('quoted').replace(/\\(["\\$])/g, '$1')
    take('"')
    return value
  }

  function readVariable(): string {
    const before = problem
    take('${')
    const name = take('variable')
    let fallback: string | undefined
    if (is(':-')) {
      take(':-')
      fallback = readTexts()
    }
    take('}')
    if (fallback !== undefined && !hasDefaults) {
      problem = before
      return ''
    }
    const found = lookup(name)
    if (found !== undefined) problem = before ?? found.problem
    else if (fallback === undefined) problem ??= `\${${name}} is neither a setting above it nor in the environment`
    return found?.value ?? fallback ?? ''
  }

  /** PHP puts the constant's value here, which only that PHP knows; what is no constant is text. */
  function constant(name: string): string {
    if (/^(true|false|null)$/i.test(name)) return WORDS[name.toLowerCase()]!
    if (CONSTANT.test(name)) problem ??= `${name} is a constant of PHP: write its value, or put it in quotes`
    return name
  }

  /** C's atoi: the digits at the start, in 32 bits. */
  function integer(operand: string): number {
    if (!/^[ \t]*[+-]?\d+[ \t]*$/.test(operand))
      problem ??= 'PHP calculates with | & ^ ~ ! outside of quotes: put the value in quotes'
    return Number.parseInt(operand, 10) | 0
  }

  function is(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(token.kind)
  }

  function take(kind: TokenKind): string {
    if (token.kind !== kind) fail()
    const { text } = token
    token = tokens.next().value
    return text
  }

  function fail(): never {
    const isOpen = is('eof') || token.text.startsWith("'")
    const what = isOpen
      ? 'a quote or bracket is not closed'
      : `a value with = | & ^ ~ ! ( ) " or a word such as no stands in quotes`
    throw new TypeError(`${file}:${line}: PHP cannot read this: ${what}`)
  }
}

const TEXTS = ['text', 'constant', '"', '${'] as const

const WORDS: Readonly<Record<string, string>> = {
  ...{ true: '1', on: '1', yes: '1' },
  ...{ false: '', off: '', no: '', none: '', null: '' },
}

/** The constants that PHP has when it reads php.ini, by their look. PHP_SESSION_UPLOAD_PROGRESS is none. */
const CONSTANT = /^(?:(?:DEBUG_BACKTRACE|E|PEAR|PHP(?!_SESSION)|UPLOAD_ERR|ZEND)_[A-Z_]+|DEFAULT_INCLUDE_PATH)$/
