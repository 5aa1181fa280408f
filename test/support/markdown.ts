/** A fenced code block. Line numbers count from 1 in the whole document. */
export interface Block {
  /** The line of the opening fence. */
  readonly line: number
  readonly language: string
  /** What stands behind the language: '', 'continue', 'ignore-run: reason'. */
  readonly note: string
  readonly code: readonly string[]
  /** The lines of a `<!-- before` comment in front of it, which the reader does not see, and where they start. */
  readonly before: { readonly line: number; readonly code: readonly string[] } | undefined
}

/** Every fenced code block of a Markdown text. Throws an Error, which names the document, when a fence or a `<!-- before` is left open. */
export function codeBlocks(text: string, name: string): Block[] {
  const lines = text.split('\n')
  const endOf = (start: number, isEnd: (line: string) => boolean): number => {
    const end = lines.findIndex((line, index) => index >= start && isEnd(line))
    if (end === -1) throw new Error(`${name}:${start}: ${lines[start - 1]?.trim()} is never closed`)
    return end
  }
  const blocks: Block[] = []
  let before: Block['before']
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    const fence = /^( *)(`{3,}|~{3,})\s*(\S*)\s*(.*)$/.exec(line)
    if (fence !== null) {
      const [, indent = '', ticks = '', language = '', note = ''] = fence
      const end = endOf(at + 1, (each) => each.trim() === ticks)
      const code = lines.slice(at + 1, end).map((each) => each.slice(Math.min(indent.length, each.search(/\S|$/))))
      blocks.push({ line: at + 1, language, note: note.trim(), code, before })
      before = undefined
      at = end
    } else if (line.trim() === '<!-- before') {
      const end = endOf(at + 1, (each) => each.trim() === '-->')
      before = { line: at + 2, code: lines.slice(at + 1, end) }
      at = end
    }
  }
  return blocks
}
