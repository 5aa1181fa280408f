import { printable } from '../../inspect/quote.ts'
import { bytes, duration } from '../output.ts'
import type { Stats } from './collect.ts'
import { pageStyle } from './page-style.ts'
import * as words from './words.ts'

/**
 * A page with the numbers as charts: HTML that needs nothing else, no script either. The charts are tables, for those who do not see them.
 * Of what is in the sessions, it has the keys.
 */
export function pageOf(stats: Stats): string {
  const { place, time, sessions } = stats
  const title = `Sessions in ${escaped(place)}`
  const charts = [
    section('Written by', '', kinds(words.kindBars(stats)), 'wide'),
    section('Sizes', words.sizeSentence(stats), table('Size', words.sizeBars(stats), sessions)),
    section('Last used', words.ageSentence(stats), table('Age', words.ageBars(stats), sessions)),
    section('Keys', words.keySentence(stats), table('Key', words.keyBars(stats), sessions, 'Bytes'), 'wide keys'),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>At <time datetime="${time}">${time.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time></p>
<dl class="numbers">
${numbers(stats)
  .map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`)
  .join('\n')}
</dl>
<div class="charts">
${sessions === 0 ? '' : charts.join('\n')}
</div>
<footer>Made by <code>session-start stats --html</code>. Of the sessions it holds sizes, ages and the names of keys, and no values.</footer>
</main>
</body>
</html>
`
}

/** The tiles at the top. */
function numbers({ sessions, sizes, expired, damaged, users, maxLifetime }: Stats): [name: string, value: string][] {
  const tiles: [string, string][] = [
    [sessions === 1 ? 'session' : 'sessions', words.grouped(sessions)],
    ['in all', bytes(sizes.sum)],
    [`older than ${duration(maxLifetime)}, gc_maxlifetime`, words.grouped(expired)],
    ['damaged', words.grouped(damaged)],
  ]
  if (users.sessions > 0) {
    const distinct = users.distinct === null ? 'many users' : words.counted(users.distinct, 'user')
    tiles.push([`with a user, of ${distinct}`, words.grouped(users.sessions)])
  }
  return tiles
}

function section(title: string, sentence: string, content: string, kind = ''): string {
  const id = title.toLowerCase().replaceAll(' ', '-')
  const said = sentence === '' ? '' : `<p>${escaped(capitalized(sentence.replace(/(\d) /g, '$1\u00a0')))}</p>\n`
  return `<section aria-labelledby="${id}" class="chart ${kind}">
<h2 id="${id}">${escaped(title)}</h2>
${said}${content}
</section>`
}

/** A table with a bar in each row: what, how many sessions, their share of all, a note. */
function table(what: string, bars: readonly words.Bar[], whole: number, notes?: string): string {
  const longest = Math.max(1, ...bars.map(({ count }) => count))
  const noteHead = notes === undefined ? '' : `<th scope="col" class="note">${notes}</th>`
  const rows = bars.map(({ label, count, note }) => {
    const width = count === 0 ? '0' : `max(2px, ${((count / longest) * 100).toFixed(2)}%)`
    const bar = `<svg aria-hidden="true"><rect style="width: ${width}" height="100%" rx="3"/></svg>`
    const noteCell = note === undefined ? '' : `<td class="note">${note}</td>`
    return `<tr><th scope="row">${escaped(label)}</th><td class="bar">${bar}</td>${numberCells(count, whole)}${noteCell}</tr>`
  })
  return `<table>
<thead><tr><th scope="col">${what}</th><td class="bar"></td><th scope="col">Sessions</th><th scope="col" class="share">Share</th>${noteHead}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`
}

/** A ring, and a table that says what its colours are. */
function kinds(bars: readonly words.Bar[]): string {
  const whole = bars.reduce((sum, { count }) => sum + count, 0)
  const around = 2 * Math.PI * RADIUS
  const rows: string[] = []
  const arcs: string[] = []
  let start = 0
  for (const [at, { label, count }] of bars.entries()) {
    const hue = `var(--hue${(at % HUES) + 1})`
    const length = (count / whole) * around
    const dashes = `stroke-dasharray="${length.toFixed(2)} ${around.toFixed(2)}" stroke-dashoffset="${(-start).toFixed(2)}"`
    arcs.push(`<circle cx="50" cy="50" r="${RADIUS}" stroke="${hue}" ${dashes}/>`)
    const swatch = `<span class="swatch" style="background: ${hue}"></span>`
    rows.push(`<tr><th scope="row">${swatch}${escaped(label)}</th>${numberCells(count, whole)}</tr>`)
    start += length
  }
  return `<div class="kinds">
<svg class="ring" viewBox="0 0 100 100" aria-hidden="true"><g transform="rotate(-90 50 50)">${arcs.join('')}</g></svg>
<table>
<thead class="unseen"><tr><th scope="col">Serialize handler</th><th scope="col">Sessions</th><th scope="col">Share</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>`
}

function numberCells(count: number, whole: number): string {
  return `<td>${words.grouped(count)}</td><td class="share">${escaped(words.percent(count, whole))}</td>`
}

const RADIUS = 40
/** Of pageStyle. */
const HUES = 6

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Keys are whatever a request could make them. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
