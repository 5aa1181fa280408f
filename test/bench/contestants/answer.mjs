import { createInterface } from 'node:readline'

/** What a piece of work takes: microseconds on the clock, and of processor time. */
export async function timed(run) {
  const cpuBefore = process.cpuUsage()
  const start = process.hrtime.bigint()
  await run()
  const us = Number(process.hrtime.bigint() - start) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { us, cpu: user + system }
}

/** Answers each line of JSON on stdin with a line of JSON on stdout, until stdin ends. */
export async function answerLines(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`)
  }
}
