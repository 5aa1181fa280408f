import { assertSid, freeSid } from '../../src/save-handlers/sid.ts'

describe('a session id', () => {
  it.each(['a', 'A-9,', '0'.repeat(256)])('is %j', (id) => {
    expect(() => assertSid(id)).not.toThrow()
  })

  it.each(['', '..', 'a/b', 'a\0', 'ä', 'a\n', '0'.repeat(257), undefined, 5])('is not %j', (id) => {
    expect(() => assertSid(id as string)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }))
  })
})

describe.each([
  ['at once', (taken: boolean) => taken],
  ['later', async (taken: boolean) => taken],
])('an id that is free, as the save handler says %s,', (_when, answer) => {
  const make = async (taken: number) => {
    let made = 0
    return freeSid(
      () => `id${++made}`,
      (id) => answer(Number(id.slice(2)) <= taken) as boolean,
    )
  }

  it('is the first of four that is not taken', async () => {
    expect([await make(0), await make(3)]).toEqual(['id1', 'id4'])
  })

  it('is not to be had when four are taken', async () => {
    await expect(make(4)).rejects.toMatchObject({ code: 'SID_COLLISION' })
  })
})
