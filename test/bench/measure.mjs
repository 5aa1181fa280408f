/** How long one turn of a contestant lasts. */
const TURN_MS = 20
const ROUNDS = 15

/**
 * Times functions against each other: short turns one after the other, so that a noisy moment hits all of them.
 * @param {Record<string, () => unknown>} contestants
 * @returns {Record<string, number>} microseconds a call, the median of all rounds
 */
export function measure(contestants) {
  const entries = Object.entries(contestants)
  const calls = new Map(entries.map(([name, run]) => [name, calibrate(run)]))
  const times = new Map(entries.map(([name]) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of entries) {
      const count = calls.get(name)
      const start = process.hrtime.bigint()
      for (let i = 0; i < count; i++) run()
      times.get(name).push(Number(process.hrtime.bigint() - start) / 1000 / count)
    }
  }
  return medians(times)
}

/** Warms a function up and finds how many calls fill a turn. */
function calibrate(run) {
  const start = performance.now()
  let count = 0
  while (performance.now() - start < TURN_MS * 5 || count < 3) {
    run()
    count++
  }
  return Math.max(1, Math.round((count * TURN_MS) / (performance.now() - start)))
}

/**
 * The same for contestants that count and time themselves, as other processes do.
 * @param {Record<string, (count: number) => Promise<Spent>>} contestants do their work `count` times
 * @returns {Promise<Record<string, Spent>>} of each time: the median of all rounds, and the processor time of all rounds together,
 *   which says more where other programs are busy
 * @typedef {{ us: number, cpu: number }} Spent microseconds on the clock, and of processor time
 */
export async function takeTurns(contestants) {
  const entries = Object.entries(contestants)
  const counts = new Map()
  for (const [name, run] of entries) counts.set(name, await calibrateTurn(run))
  const turns = new Map(entries.map(([name]) => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of entries) turns.get(name).push(await run(counts.get(name)))
  }
  const perTime = ([name, all]) => {
    const count = counts.get(name)
    const cpu = all.reduce((sum, turn) => sum + turn.cpu, 0) / all.length
    return [name, { us: median(all.map(({ us }) => us)) / count, cpu: cpu / count }]
  }
  return Object.fromEntries([...turns].map(perTime))
}

/** Its last turn is as long as those that count; those before it warm up. */
async function calibrateTurn(run) {
  let count = 1
  for (let spent = 0; spent < TURN_MS * 20; ) {
    const ms = (await run(count)).us / 1000
    spent += ms
    count = Math.max(1, Math.min(count * 8, Math.round((count * TURN_MS) / ms)))
  }
  return count
}

function medians(times) {
  return Object.fromEntries([...times].map(([name, each]) => [name, median(each)]))
}

export function median(numbers) {
  return percentile(numbers, 50)
}

/** The number that `percent` of them do not exceed. */
export function percentile(numbers, percent) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))]
}

/** A table for people: text columns to the left, numbers to the right. */
export function table(headers, rows) {
  const cells = [headers, ...rows].map((row) => row.map(String))
  const widths = headers.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  return cells
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '),
    )
    .map((line, row) => (row === 0 ? `${line}\n${'-'.repeat(line.length)}` : line))
    .join('\n')
}

export const micros = (value) => (!Number.isFinite(value) ? '–' : value < 100 ? value.toFixed(2) : value.toFixed(0))
export const times = (value) =>
  value === undefined || !Number.isFinite(value) ? '–' : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ×`
