import fc from 'fast-check'

/**
 * What the random tests of this run start from: always the same, so that no change fails for a case that it has nothing to do with.
 * `npm run fuzz` looks for new ones. It stands in the titles of the suites.
 */
export const seed = Number(process.env['SESSION_START_SEED'] ?? 1)

/** How many times as many random cases there are. */
const times = Number(process.env['SESSION_START_RUNS'] ?? 1)

/** Has fast-check look for a case in `runs` that breaks the property. */
export function check(property: fc.IAsyncProperty<unknown>, runs?: number): Promise<void>
export function check(property: fc.IProperty<unknown>, runs?: number): void
export function check(property: fc.IRawProperty<unknown>, runs = 100): Promise<void> | void {
  return fc.assert(property, { seed, numRuns: Math.ceil(runs * times) })
}

/** What is wrong with a case, or undefined. */
export type Complaint = string | undefined

/**
 * Judges many random cases in one batch, since asking PHP once for thousands of them is a thousand times faster. When one is
 * wrong, fast-check makes the first such one smaller, and reports the smallest it finds.
 */
export async function forAll<T>(
  cases: fc.Arbitrary<T>,
  runs: number,
  judge: (cases: readonly T[]) => Promise<readonly Complaint[]>,
): Promise<void> {
  const numRuns = Math.ceil(runs * times)
  const samples = fc.sample(cases, { seed, numRuns })
  const judged = await judge(samples)
  const complaints = judged.filter((complaint) => complaint !== undefined)
  if (complaints.length === 0) return
  const path = String(judged.findIndex((complaint) => complaint !== undefined))
  const single = fc.asyncProperty(cases, async (each) => {
    const [complaint] = await judge([each])
    if (complaint !== undefined) throw new Error(complaint)
  })
  await fc.assert(single, { seed, path, numRuns, interruptAfterTimeLimit: 15_000 })
  throw new Error(`${complaints.length} of ${numRuns} cases, the first: ${complaints[0]}`)
}

/** Bytes as a test shows them: one character per byte. */
export function show(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'))
}
