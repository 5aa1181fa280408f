import stringWidth from 'string-width'
import { printable } from '../../inspect/quote.ts'
import { column, type Output } from '../output.ts'
import type { Stats } from './collect.ts'
import * as words from './words.ts'

/** The lines of a report for people, as wide as their terminal. */
export function textOf(stats: Stats, output: Output): string[] {
  const { sessions } = stats
  const sections: [title: string, sentence: string, bars: readonly words.Bar[]][] = [
    ['Written by', '', words.kindBars(stats)],
    ['Sizes', words.sizeSentence(stats), words.sizeBars(stats)],
    ['Last used', words.ageSentence(stats), words.ageBars(stats)],
    ['Keys', words.keySentence(stats), words.keyBars(stats)],
  ]
  const charts = sessions === 0 ? [] : sections.filter(([, , bars]) => bars.length > 0)
  return [
    ...words.sentences(stats).map((each) => `  ${each}`),
    ...charts.flatMap(([title, sentence, bars]) => ['', titled(title, sentence, output), ...chart(bars, sessions, output)]),
  ]
}

function titled(title: string, sentence: string, { colors, width }: Output): string {
  const room = Math.min(width, WIDEST) - title.length - 2
  return colors.bold(title) + (sentence === '' ? '' : colors.dim(`  ${fitted(sentence, room)}`))
}

/** Each bar with its label before it; behind it count, share of all, note. The longest bar takes the room there is. */
function chart(bars: readonly words.Bar[], whole: number, output: Output): string[] {
  const { colors } = output
  const width = Math.min(output.width, WIDEST)
  const labels = bars.map(({ label }) => printable(label))
  const counts = bars.map(({ count }) => words.grouped(count))
  const notes = bars.map(({ note = '' }) => note)
  const countWidth = widest(counts)
  const noteWidth = width < NARROW ? 0 : widest(notes)
  const behind = 2 + countWidth + 1 + PERCENT + (noteWidth > 0 ? 2 + noteWidth : 0)
  const labelWidth = Math.min(widest(labels), Math.max(8, Math.floor((width - behind) / 2)))
  const barWidth = Math.max(1, width - 2 - labelWidth - 2 - behind)
  const longest = Math.max(...bars.map(({ count }) => count))
  return bars.map(({ count }, at) => {
    const bar = column(barText((count / longest) * barWidth), barWidth)
    const numbers = `${column(counts[at]!, countWidth, 'right')} ${colors.dim(column(words.percent(count, whole), PERCENT, 'right'))}`
    const note = noteWidth > 0 ? `  ${colors.dim(column(notes[at]!, noteWidth, 'right'))}` : ''
    return `  ${column(labels[at]!, labelWidth)}  ${colors.cyan(bar)}  ${numbers}${note}`
  })
}

/** Also where there is no terminal. */
const WIDEST = 100
const NARROW = 60
/** `100 %` */
const PERCENT = 5

/** In eighths of a column; whatever is not nothing can be seen. */
function barText(length: number): string {
  const eighths = length > 0 ? Math.max(1, Math.round(length * 8)) : 0
  return '█'.repeat(Math.floor(eighths / 8)) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]!
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => stringWidth(text)))
}

function fitted(text: string, width: number): string {
  return stringWidth(text) > width ? column(text, Math.max(1, width)) : text
}
