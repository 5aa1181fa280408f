import { dirname } from 'node:path'
import { parseIni } from '../../session/ini-syntax.ts'
import { expand, lookInto } from './look.ts'

/** What a setting that is none of sessions has by these files and their scan folders; undefined where none sets it. */
export function iniValue(files: readonly string[], name: string): string | undefined {
  let value: string | undefined
  for (const file of files.flatMap(withScanFolder)) {
    for (const entry of entriesForAll(file)) if (entry.name === name && entry.key === undefined) value = entry.value ?? value
  }
  return value
}

const look = lookInto('/')

function withScanFolder(path: string): string[] {
  const isFolder = look.stat(path)?.isDirectory() === true
  const folder = isFolder ? path : dirname(path)
  return [
    isFolder ? `${path}/php.ini` : path,
    ...expand(look, `${folder}/conf.d/*.ini`),
    ...expand(look, `${folder}/php.d/*.ini`),
  ]
}

/** From `[PATH=…]` or `[HOST=…]` on, nothing holds for all. What has a syntax error, other readers complain about. */
function* entriesForAll(file: string) {
  try {
    for (const entry of parseIni(file, look.text(file) ?? '', (variable) => ({
      value: process.env[variable],
      problem: undefined,
    }))) {
      if (/^(PATH|HOST)./i.test(entry.section)) return
      yield entry
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}
