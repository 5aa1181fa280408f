import { transformSync } from '@swc/core'
import type { Block } from './markdown.ts'

/**
 * How the code blocks of the documentation are written, so that a test can run them:
 *
 * - ```ts and ```js blocks are ES modules, run in an empty folder; ts is type-checked first. A block that needs what the one
 *   before it made says ```ts continue. What a reader need not see stands in a comment in front of the block: a line
 *   `<!-- before`, the code, a line `-->`.
 * - `expression // → text` states a result, and `const name = expression // → text` that of the name: what it prints, or else
 *   the value as util.inspect shows it, or `throws Name CODE: message`. Promises are awaited, white space counts as one blank,
 *   `…` stands for anything. A long text goes on in lines of `//` and three blanks or more; `// → text` may also stand alone,
 *   below its line. The statement is one line; an indented one states what it prints, and has to be reached.
 *   Any other comment is just a comment.
 * - ```ts ignore-run: reason is type-checked and not run.
 * - ```console blocks show commands, each behind `$ `, and below each what it prints, where `…` stands for anything in its line, or for
 *   any lines. They are run by a shell, each block beside sessions of its own in /var/lib/php/sessions: docs-console.ts has them.
 * - ```sh blocks name only scripts, commands and files there are; ```php is linted; ```json is parsed. ```text and ```ini are free.
 */
export interface Unit {
  /** The blocks that make one module: the first, and those that continue it. */
  readonly blocks: readonly Block[]
  readonly source: string
}

/** Puts the ts and js blocks of a document together to modules; every line keeps its number. */
export function unitsOf(blocks: readonly Block[]): Unit[] {
  const groups: Block[][] = []
  for (const block of blocks.filter(({ language }) => language === 'ts' || language === 'js')) {
    const last = groups.at(-1)
    if (block.note === 'continue' && last !== undefined) last.push(block)
    else groups.push([block])
  }
  return groups.map((group) => ({ blocks: group, source: sourceOf(group) }))
}

function sourceOf(blocks: readonly Block[]): string {
  const lines: string[] = []
  const put = (line: number, code: readonly string[]) => {
    while (lines.length < line - 1) lines.push('')
    lines.push(...code)
  }
  for (const { line, code, before } of blocks) {
    if (before !== undefined) put(before.line, before.code)
    put(line + 1, code)
  }
  return lines.join('\n')
}

/** The module as Node runs it: stated results are checked, types are gone. Throws an Error on a syntax error. */
export function runnable(source: string, fileName: string): string {
  return transformSync(checked(source.split('\n')).join('\n'), {
    filename: fileName,
    sourceMaps: 'inline',
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'es6' },
  }).code
}

/** Turns every stated result into a check, without moving a line. */
function checked(lines: readonly string[]): string[] {
  const output = [...lines]
  const stated: number[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    const [statement = line, ownText] = split(line)
    const text = ownText ?? aloneText(lines[at + 1])
    if (text === undefined) continue
    if (/^\s*(\/\/|$)/.test(line)) throw new Error(`line ${at + 1}: a result stands behind a statement or below it`)
    const first = at
    if (ownText === undefined) at++
    const more: string[] = []
    while (/^\s*\/\/ {3}/.test(lines[at + 1] ?? '')) more.push((lines[++at] as string).replace(/^\s*\/\//, ''))
    output[first] = check(statement, first + 1, [text, ...more].join(' '))
    stated.push(first + 1)
  }
  output[0] = `__result.stated([${stated}]);${output[0]}`
  return output
}

function check(statement: string, line: number, text: string): string {
  const stated = `${line}, ${JSON.stringify(text)}`
  // Whether `await` is allowed where an indented statement stands, nobody knows.
  if (/^\s/.test(statement)) return `;__result.start();${statement};__result.printed(${stated})`
  const name = /^(?:const|let|var) (\w+)\b/.exec(statement)?.[1]
  const call = (expression: string) => `;await __result.value(${stated}, async () => (${expression}))`
  return name === undefined ? call(statement) : `${statement}${call(name)}`
}

/** `statement // → text` */
function split(line: string): string[] {
  return /^(.*\S);?\s*\/\/ → (.*)$/.exec(line)?.slice(1) ?? []
}

/** `// → text` */
function aloneText(line = ''): string | undefined {
  return /^\s*\/\/ → (.*)$/.exec(line)?.[1]
}
