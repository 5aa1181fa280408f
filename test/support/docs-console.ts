import { execFile } from 'node:child_process'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Block } from './markdown.ts'
import { root } from './package.ts'

/** The save_path of ```console blocks; each has one of its own, with these sessions in it. */
export const SAVE_PATH = '/var/lib/php/sessions'

const MINUTE = 60
const HOUR = 60 * MINUTE

/** Ids, ages in seconds, bytes. */
// biome-ignore format: a table
const sessions: readonly [id: string, age: number, bytes: string][] = [
  ['1f3c0a9e7b54d2c86a0f31e5b97d4c20', 5 * MINUTE, 'user_id|i:42;username|s:5:"Alice";csrf_token|s:32:"b1946ac92492d2347c6235b4d2611184";cart|a:2:{i:0;a:3:{s:3:"sku";s:3:"MUG";s:5:"price";d:7.5;s:8:"quantity";i:2;}i:1;a:3:{s:3:"sku";s:3:"TEA";s:5:"price";d:10;s:8:"quantity";i:1;}}last_seen|i:1767225600;'],
  ['4be2f7d1963c08a5e4b7c2d9f1a60b38', 40 * MINUTE, 'user_id|i:7;username|s:3:"Bob";csrf_token|s:32:"591785b794601e212b260e25925636fd";cart|a:0:{}last_seen|i:1767223500;'],
  ['77ab21c4e90d5f36b8a1c7e24d0f93b5', 3 * HOUR, '_sf2_attributes|a:3:{s:24:"_csrf/https-authenticate";s:43:"oIDSzDdEn4L2uD3WDkRMXvdyjsSK5UhJe7RbJ9c4rcM";s:23:"_security.last_username";s:5:"carol";s:6:"locale";s:5:"de_CH";}_sf2_meta|a:3:{s:1:"u";i:1767214800;s:1:"c";i:1767211200;s:1:"l";i:0;}'],
  ['9d20c85ef1b7436a0c9e8d5b24f7a613', 20 * MINUTE, 'user_id|i:42;username|s:5:"Alicia";'],
  ['e0b6d4f82a917c35d8e1f0a4b6c97235', 72 * HOUR, ''],
]

/** What is wrong with a ```console block: its commands are run one after the other, and what they print is compared. */
export async function checkConsole({ code }: Block, folder: string): Promise<string[]> {
  const savePath = makeSessions(folder)
  const problems: string[] = []
  for (const { command, expected } of stepsOf(code)) {
    const output = await shell(command.replaceAll(SAVE_PATH, savePath), folder)
    const actual = tidy(output.replaceAll(savePath, SAVE_PATH))
    if (!pattern(expected).test(actual)) problems.push(`$ ${command}: expected\n${tidy(expected)}\nbut got\n${actual}`)
  }
  return problems
}

/** Makes them in a folder of their own, and returns its path. */
export function makeSessions(folder: string): string {
  const path = join(folder, 'sessions')
  mkdirSync(path, { recursive: true })
  const now = Date.now() / 1000
  for (const [id, age, bytes] of sessions) {
    writeFileSync(join(path, `sess_${id}`), bytes, { mode: 0o600 })
    utimesSync(join(path, `sess_${id}`), now - age, now - age)
  }
  return path
}

/** A command stands behind `$ `, what it prints in the lines below it. */
function stepsOf(code: readonly string[]): { command: string; expected: string }[] {
  const starts = code.flatMap((line, at) => (line.startsWith('$ ') ? [at] : []))
  return starts.map((at, index) => ({
    command: code[at]!.slice(2),
    expected: code.slice(at + 1, starts[index + 1] ?? code.length).join('\n'),
  }))
}

/** What a shell prints, both streams, without colours; `npx session-start` is what was built. */
function shell(command: string, cwd: string): Promise<string> {
  const main = join(root, 'dist/cli/main.js')
  const script = `npx() { shift; "$NODE" "$MAIN" "$@"; }\n{ ${command}\n} 2>&1`
  const { FORCE_COLOR, NODE_OPTIONS, ...env } = process.env
  const options = { cwd, env: { ...env, NODE: process.execPath, MAIN: main }, timeout: 30_000 }
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], options, (_error, stdout) => resolve(stdout)).stdin?.end()
  })
}

function tidy(text: string): string {
  return text.replace(/ +$/gm, '').trimEnd()
}

/** `…` stands for anything in its line, or for any lines where it stands alone. */
function pattern(expected: string): RegExp {
  const lines = tidy(expected)
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/^ *… *$/gm, '[^]*')
    .replaceAll('…', '.*')
  return new RegExp(`^${lines}$`)
}
