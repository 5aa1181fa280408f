/** A change of the bytes, as text of one character per byte. */
export interface Edit {
  readonly kind: 'length' | 'mark' | 'count' | 'nul bytes' | 'value' | 'trailing'
  readonly start: number
  readonly end: number
  readonly text: string
  /** What should stand there, in plain words. */
  readonly expected: string
  /** Of a mark: where it is missing, in plain words. */
  readonly where?: string
  /** Whether it is a key that is wrong, not a value. */
  readonly isKey?: boolean
  /** Of a length: whether the string is as long as the conversion makes it. */
  readonly isConverted?: boolean
  /** Of a length that points behind the end of the bytes, or of a count: how many bytes or elements are not there. */
  readonly missing?: number
  /** Of a length that points behind the end: whether the string holds the beginning of serialize() output. */
  readonly isHalf?: boolean
  /** What would be lost if the bytes were damaged in another way that is as likely. */
  readonly loses?: string
}

/** Changes, the last one first; never changed, so that many lists share their beginnings. */
export interface EditList {
  readonly edit: Edit
  readonly before: EditList | undefined
}

export function editsInOrder(list: EditList | undefined): Edit[] {
  const edits: Edit[] = []
  for (let each = list; each !== undefined; each = each.before) edits.push(each.edit)
  return edits.sort((a, b) => a.start - b.start)
}

/** The bytes with changes made, which are in their order. */
export function applyEdits(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of edits) {
    parts.push(bytes.subarray(at, start), Buffer.from(text, 'latin1'))
    at = end
  }
  return Buffer.concat([...parts, bytes.subarray(at)])
}
