import type { Diagnosis } from '../inspect/diagnosis.ts'
import { hexdump } from '../inspect/hexdump.ts'
import { inspectSession } from '../inspect/inspect-session.ts'
import { printable } from '../inspect/quote.ts'
import { maskSecrets } from '../inspect/secrets.ts'
import type { Output } from './output.ts'
import { coverSecrets } from './secret-bytes.ts'

/** Why PHP does not read a session, as text for people. */
export function formatDiagnosis(diagnosis: Diagnosis, bytes: Buffer, output: Output): string {
  const { message, isDestroyed, problem, offset, length, path, expected, repair, serializeHandler } = diagnosis
  const { colors } = output
  const facts: [name: string, value: string | undefined][] = [
    ['where', `byte ${offset} of ${bytes.length}${path === '' ? '' : `, in ${path}`}`],
    ['expected', expected],
    ['PHP stops', problem.offset === offset ? undefined : `at byte ${problem.offset}: ${problem.message}`],
  ]
  const lines = [
    colors.red(isDestroyed ? 'PHP destroys this session when it reads it.' : 'PHP reads this session, but not all of it.'),
    printable(`${message}.`),
    '',
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [fact(name, value, output)])),
    '',
    bytesAround(bytes, { offset, length, serializeHandler }, output),
    '',
  ]
  if (repair === undefined) lines.push('No repair is safe: what is missing, nobody knows.')
  else {
    lines.push(fact('repair', repair.what, output))
    if (repair.loses !== undefined) lines.push(fact('lost', repair.loses, output))
  }
  return lines.join('\n')
}

/** The same for machines. */
export function diagnosisJson(diagnosis: Diagnosis, bytes: Buffer, output: Output) {
  const { cause, message, isDestroyed, serializeHandler, problem, offset, length, path, expected, repair } = diagnosis
  const from = Math.max(0, offset - diagnosis.before.length)
  const to = offset + length + diagnosis.after.length
  return {
    ...{ cause, message, isDestroyed, serializeHandler: serializeHandler ?? null, problem, offset, length, path, expected },
    around: { offset: from, base64: shown(bytes, serializeHandler, output).subarray(from, to).toString('base64') },
    repair: repair === undefined ? null : { what: repair.what, loses: repair.loses ?? null, size: repair.bytes.length },
  }
}

function fact(name: string, value: string, { colors }: Output): string {
  return `${colors.dim(name.padEnd('PHP stops'.length + 1))} ${printable(value)}`
}

function bytesAround(bytes: Buffer, at: Pick<Diagnosis, 'offset' | 'length' | 'serializeHandler'>, output: Output): string {
  const { offset, length, serializeHandler } = at
  const covered = shown(bytes, serializeHandler, output)
  const from = Math.max(0, Math.floor(offset / LINE - 2) * LINE)
  const to = Math.min(bytes.length, Math.ceil((offset + Math.min(length, MOST_SHOWN)) / LINE + 1) * LINE)
  const { colors } = output
  const style = colors.isColorSupported ? (text: string) => colors.inverse(colors.red(text)) : undefined
  const dump = hexdump(covered, from, to, [{ offset, length }], style)
  const note = covered.subarray(from, to).equals(bytes.subarray(from, to))
    ? ''
    : '\n(* stands for what looks like a secret: --reveal shows it)'
  return `${dump}${offset >= bytes.length ? '\n(here the session ends)' : ''}${colors.dim(note)}`
}

/** The bytes as they may be shown. */
function shown(bytes: Buffer, serializeHandler: string | undefined, output: Output): Buffer {
  return output.options.reveal === true ? bytes : coverSecrets(bytes, maskSecrets(inspectSession(bytes, serializeHandler)))
}

/** Bytes in a line of a hexdump, and how many are shown of what is wrong. */
const LINE = 16
const MOST_SHOWN = 128
