import { type IBufferCell, Terminal } from '@xterm/headless'

/**
 * What a terminal shows after `output`, as an SVG: `output` is all that programs wrote to it, with colours and line ends as they came.
 * Text stays text, so that it can be read aloud and searched.
 */
export async function terminalPicture(output: string, columns: number, title: string): Promise<string> {
  const terminal = new Terminal({ cols: columns, rows: 500, convertEol: true, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(output, resolve))
  const rows = Array.from({ length: terminal.rows }, (_, at) => runsOf(terminal, at))
  while (rows.at(-1)?.length === 0) rows.pop()
  terminal.dispose()
  return svg(rows, columns, title)
}

/** Neighbouring cells that look the same. */
interface Run {
  readonly column: number
  readonly look: string
  text: string
  width: number
}

function runsOf(terminal: Terminal, row: number): Run[] {
  const line = terminal.buffer.active.getLine(row)!
  const runs: Run[] = []
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line.getCell(column)!
    if (cell.getWidth() === 0) continue
    const look = lookOf(cell)
    const last = runs.at(-1)
    if (last?.look === look) {
      last.text += cell.getChars() || ' '
      last.width += cell.getWidth()
    } else {
      runs.push({ column, look, text: cell.getChars() || ' ', width: cell.getWidth() })
    }
  }
  return runs.filter(({ text }) => text.trim() !== '')
}

function lookOf(cell: IBufferCell): string {
  const color = cell.isFgPalette() ? COLORS[cell.getFgColor()] : undefined
  const classes = [color, cell.isDim() && 'dim', cell.isBold() && 'bold', cell.isInverse() && 'inverse']
  return classes.filter(Boolean).join(' ')
}

const PALETTE = { red: '#ff7b72', green: '#7ee787', yellow: '#f2cc60', blue: '#79c0ff', magenta: '#d2a8ff', cyan: '#76e3ea' }
const COLORS: readonly (keyof typeof PALETTE | 'black' | undefined)[] = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
]

/** Of a cell, in pixels. */
const [WIDTH, HEIGHT] = [8, 18]
const [MARGIN, BAR] = [16, 32]

function svg(rows: readonly Run[][], columns: number, title: string): string {
  const width = columns * WIDTH + 2 * MARGIN
  const height = rows.length * HEIGHT + BAR + MARGIN
  const lines = rows.flatMap((runs, row) => runs.map((run) => textOf(run, row)))
  const colors = Object.entries(PALETTE).map(([name, color]) => `.${name}{fill:${color}}`)
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#c9d1d9;white-space:pre}.dim{fill-opacity:.6}.bold{font-weight:bold}${colors.join('')}text.inverse{fill:#0d1117}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (color, at) => `<circle cx="${MARGIN + 4 + at * 18}" cy="16" r="5" fill="${color}"/>`,
    ),
    ...lines,
    '</svg>',
  ].join('\n')}\n`
}

/** With a width of its own: the font that is there may be wider than the cells. */
function textOf({ column, look, text, width }: Run, row: number): string {
  const before = text.length - text.trimStart().length
  const shown = text.trim()
  const [x, y] = [MARGIN + (column + before) * WIDTH, BAR + row * HEIGHT]
  const length = (width - before - (text.trimStart().length - shown.length)) * WIDTH
  const of = look === '' ? '' : ` class="${look}"`
  const ground = look.includes('inverse') ? `<rect x="${x}" y="${y}" width="${length}" height="${HEIGHT}"${of}/>` : ''
  return `${ground}<text x="${x}" y="${y + HEIGHT - 5}" textLength="${length}"${of}>${escaped(shown)}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
