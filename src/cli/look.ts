import type { Command } from 'commander'
import { type Change, diffSessions } from '../inspect/diff.ts'
import { inspectSession } from '../inspect/inspect-session.ts'
import { toJson, type ValueJson } from '../inspect/json.ts'
import type { Piece, PrintOptions } from '../inspect/print.ts'
import type { SessionReport, ValueNode } from '../inspect/report.ts'
import { maskChange, maskSecrets } from '../inspect/secrets.ts'
import { type Output, widthOf } from './output.ts'
import { placeOptions, type Subject } from './place.ts'

/** What the commands that look into sessions share. */

/** The options that all of them have. */
export function lookOptions(command: Command): Command {
  command
    .option('--reveal', 'show what looks like a secret')
    .option('--full-ids', 'show ids in full')
    .option('--json', 'print JSON')
  return placeOptions(command)
}

/** The session as it may be shown. */
export function reportOf(
  { bytes, serializeHandler }: Pick<Subject, 'bytes' | 'serializeHandler'>,
  output: Output,
): SessionReport {
  const report = inspectSession(bytes, serializeHandler)
  return output.options.reveal === true ? report : maskSecrets(report)
}

/** What changed, as it may be shown. */
export function changesBetween(before: Buffer, after: Buffer, serializeHandler: string | undefined, output: Output): Change[] {
  const [one, other] = [before, after].map((bytes) => inspectSession(bytes, serializeHandler))
  const changes = diffSessions(one!, other!)
  return output.options.reveal === true ? changes : changes.map(maskChange)
}

/** `1f3c0a9b… in /var/lib/php/sessions`, or the file. */
export function nameOf({ id, label }: Subject, output: Output): string {
  return id === undefined ? label : `${output.id(id)} in ${label}`
}

/** Which session it is, for machines. */
export function subjectJson({ id, label, bytes }: Subject, output: Output) {
  return { session: id === undefined ? null : output.id(id), place: label, size: bytes.length }
}

/** How values are printed: in colours, and within the terminal's width. */
export function printOptions(output: Output, indent = 0): PrintOptions {
  const { colors, width } = output
  const styles: Record<Piece, (text: string) => string> = {
    key: colors.bold,
    type: colors.cyan,
    string: colors.green,
    number: colors.yellow,
    constant: colors.magenta,
    mark: colors.dim,
    note: colors.dim,
    added: colors.green,
    removed: colors.red,
    changed: colors.yellow,
    problem: colors.red,
  }
  return { style: (piece, text) => styles[piece](text), ...(Number.isFinite(width) && { width: width - indent, widthOf }) }
}

/** A change for machines. */
export function changeJson({ kind, path, keys, note, before, after }: Change) {
  const [one, other] = [before, after].map((value) => (value === undefined ? null : valueJson(value)))
  return { kind, path, keys, note: note ?? null, before: one, after: other }
}

/** A value for machines. */
export function valueJson(value: ValueNode): ValueJson {
  const { key: _key, ...json } = toJson(alone(value)).variables[0]!
  return json
}

/** A session that has this one variable, with the key ''. */
export function alone(value: ValueNode): SessionReport {
  const { offset, length } = value
  return { serializeHandler: undefined, size: length, variables: [{ key: '', offset, length, value }], problem: undefined }
}
