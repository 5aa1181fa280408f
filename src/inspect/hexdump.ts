/** Bytes to be pointed out. */
export interface Mark {
  readonly offset: number
  readonly length: number
}

/**
 * Bytes as `hexdump -C` shows them, sixteen in a line.
 * @param from offset of the first byte shown
 * @param to where to stop
 * @param marks what to point out: in the colours of `style`, or without it by `^^` in a line below
 */
export function hexdump(
  bytes: Buffer,
  from = 0,
  to = bytes.length,
  marks: readonly Mark[] = [],
  style?: (text: string) => string,
): string {
  const start = Math.max(0, from)
  const end = Math.min(bytes.length, to)
  const isMarked = (at: number) => marks.some(({ offset, length }) => at >= offset && at < offset + length)
  const lines: string[] = []
  for (let line = start - (start % WIDTH); line < end && start < end; line += WIDTH) {
    let [hex, text, below] = ['', '', '']
    for (let at = line; at < line + WIDTH; at++) {
      const gap = at === line + WIDTH / 2 ? '  ' : ' '
      const byte = at >= start && at < end ? bytes[at] : undefined
      const marked = byte !== undefined && isMarked(at)
      const paint = marked && style !== undefined ? style : (shown: string) => shown
      hex += gap + (byte === undefined ? '  ' : paint(byte.toString(16).padStart(2, '0')))
      text += byte === undefined ? ' ' : paint(byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')
      below += gap + (marked ? '^^' : '  ')
    }
    lines.push(`${line.toString(16).padStart(8, '0')} ${hex}  |${text}|`)
    if (style === undefined && below.trim() !== '') lines.push(`         ${below.trimEnd()}`)
  }
  return lines.join('\n')
}

const WIDTH = 16
