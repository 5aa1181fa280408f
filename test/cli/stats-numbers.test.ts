import fc from 'fast-check'
import { Distribution } from '../../src/cli/stats/distribution.ts'
import { TopKeys } from '../../src/cli/stats/top-keys.ts'
import { check } from '../support/random.ts'

describe('a distribution', () => {
  const bounds = [0, 1, 10, 100, 1000]
  const numbers = fc.array(fc.oneof(fc.nat(2000), fc.nat(), fc.maxSafeNat()), { minLength: 1 })

  function distributionOf(values: readonly number[]): Distribution {
    const distribution = new Distribution(bounds)
    for (const value of values) distribution.add(value)
    return distribution
  }

  it('knows how many, how much and the largest', () => {
    const { count, sum, largest } = distributionOf([3, 0, 5000])
    expect({ count, sum, largest }).toEqual({ count: 3, sum: 5003, largest: 5000 })
  })

  it('has each number in its bar', () => {
    expect(distributionOf([1, 9, 10, 99, 5000, 5000]).buckets()).toEqual([
      { from: 1, below: 10, count: 2 },
      { from: 10, below: 100, count: 2 },
      { from: 100, below: 1000, count: 0 },
      { from: 1000, below: null, count: 2 },
    ])
    expect(distributionOf([]).buckets()).toEqual([])
  })

  it.each([0.05, 0.5, 0.95, 1])('tells the number that a share of %p does not exceed, less than 1 % too small', (share) => {
    check(
      fc.property(numbers, (values) => {
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1]!
        const told = distributionOf(values).quantile(share)
        expect(told).toBeLessThanOrEqual(exact)
        expect(told).toBeGreaterThanOrEqual(exact < 256 ? exact : exact * 0.99)
      }),
    )
    expect(distributionOf([]).quantile(share)).toBe(0)
  })
})

describe('the top keys', () => {
  it('are counted exactly while there are few', () => {
    check(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-e]$/), fc.nat(100))), (held) => {
        const keys = new TopKeys(3)
        const counts = new Map<string, { key: string; sessions: number; bytes: number; missed: number }>()
        for (const [key, bytes] of held) {
          keys.add(key, bytes)
          const { sessions, bytes: sum } = counts.get(key) ?? { sessions: 0, bytes: 0 }
          counts.set(key, { key, sessions: sessions + 1, bytes: sum + bytes, missed: 0 })
        }
        expect(keys.top(10).toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
          [...counts.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
        )
        expect(keys.distinct).toBe(counts.size)
      }),
    )
  })

  it('hold each key that more than one session in `capacity` holds, and never more sessions than hold it, nor fewer with those missed', () => {
    const capacity = 10
    check(
      fc.property(fc.array(fc.oneof(fc.nat(5), fc.nat(60)), { maxLength: 500, size: 'max' }), (held) => {
        const keys = new TopKeys(capacity)
        const counts = new Map<string, number>()
        for (const key of held.map(String)) {
          keys.add(key, 1)
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
        const top = keys.top(1000)
        expect(top.length).toBeLessThanOrEqual(2 * capacity)
        for (const { key, sessions, missed } of top) {
          expect(sessions).toBeLessThanOrEqual(counts.get(key)!)
          expect(sessions + missed).toBeGreaterThanOrEqual(counts.get(key)!)
        }
        const common = [...counts].filter(([, count]) => count > held.length / capacity).map(([key]) => key)
        expect(top.map(({ key }) => key)).toEqual(expect.arrayContaining(common))
      }),
      300,
    )
  })

  it('are cut where they are long, so that many of them fit into the memory', () => {
    const keys = new TopKeys()
    keys.add('k'.repeat(1000), 1)
    expect(keys.top(1)[0]!.key).toBe(`${'k'.repeat(100)}…`)
  })
})
