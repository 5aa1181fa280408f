import { strict as assert } from 'node:assert'
import { bytes, entries, fails, HOSTILE, ID, OTHER, type Rule, settlesSoon, text } from './conformance-rule.ts'

/** What is kept. */
export const storageRules: Record<string, Rule> = {
  'has the name that session.save_handler gives it': async (_open, { handler }) => {
    assert.match(handler.name, /^\w+$/)
  },

  'reads a session that is not there as empty': async (open) => {
    assert.equal((await (await open()).read(ID)).length, 0)
  },

  'gives back every byte that was written': async (open) => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const contents = [
      'n|i:1;',
      all,
      'n|i:2;',
      '',
      'longer '.repeat(50),
      'short',
      all,
      Buffer.alloc(20_000, 'x'),
      Buffer.alloc(20_001, 'y'),
    ]
    for (const content of [...contents, Buffer.alloc(9000, 'z'), 'n|i:3;', Buffer.alloc(1 << 20, all), '']) {
      const writer = await open()
      await writer.read(ID)
      await writer.write(ID, Buffer.from(content))
      await writer.close()
      const reader = await open()
      assert.ok((await reader.read(ID)).equals(Buffer.from(content)))
      await reader.close()
    }
  },

  'takes a Uint8Array that is a part of something larger': async (open) => {
    const handle = await open()
    await handle.write(ID, new Uint8Array(bytes('----n|i:1;----')).subarray(4, 10))
    assert.equal(text(await handle.read(ID)), 'n|i:1;')
  },

  'writes without having read, and what it wrote before': async (open) => {
    const handle = await open()
    await handle.write(ID, bytes('first, and long'))
    await handle.write(ID, bytes('second'))
    assert.equal(text(await handle.read(ID)), 'second')
  },

  'keeps what was written when the caller uses the bytes again': async (open) => {
    const handle = await open()
    const content = bytes('n|i:1;')
    await handle.write(ID, content)
    content.fill('x')
    assert.equal(text(await handle.read(ID)), 'n|i:1;')
  },

  'leaves bytes alone that it gave away': async (open) => {
    const handle = await open()
    await handle.write(ID, bytes('before'))
    const before = await handle.read(ID)
    await handle.write(ID, bytes('after!'))
    await handle.read(ID)
    assert.equal(text(before), 'before')
  },

  'knows the sessions that are there': async (open) => {
    const handle = await open()
    assert.equal(await handle.validateSid(ID), false)
    await handle.write(ID, bytes('n|i:1;'))
    assert.equal(await handle.validateSid(ID), true)
    assert.equal(await handle.validateSid(OTHER), false)
    await handle.destroy(ID)
    assert.equal(await handle.validateSid(ID), false)
  },

  'makes an id that is not taken': async (open) => {
    const handle = await open()
    await handle.write(ID, bytes('n|i:1;'))
    const ids = [ID, ID, ID, OTHER]
    assert.equal(await handle.createSid(() => ids.shift()!), OTHER)
    assert.equal(await handle.validateSid(OTHER), false)
  },

  'gives up when four new ids in a row are taken': async (open) => {
    const handle = await open()
    await handle.write(ID, bytes('n|i:1;'))
    let asked = 0
    await fails('SID_COLLISION', () =>
      handle.createSid(() => {
        asked++
        return ID
      }),
    )
    assert.equal(asked, 4)
  },

  'refuses ids that are not well-formed': async (open) => {
    const handle = await open()
    for (const id of HOSTILE) {
      assert.equal(await handle.validateSid(id), false)
      for (const call of [
        () => handle.read(id),
        () => handle.write(id, bytes('x')),
        () => handle.updateTimestamp(id, bytes('x')),
        () => handle.destroy(id),
        () => handle.peek(id),
      ]) {
        await fails('INVALID_ID', call)
      }
    }
    assert.deepEqual(await entries(handle), [])
  },

  'destroys what is there, and does not mind what is not': async (open) => {
    const handle = await open()
    await handle.destroy(ID)
    await handle.write(ID, bytes('n|i:1;'))
    await handle.destroy(ID)
    await handle.destroy(ID)
    assert.equal(await handle.peek(ID), null)
    assert.equal((await handle.read(ID)).length, 0)
  },

  'makes a session young without changing it': async (open, { age }) => {
    const handle = await open()
    await handle.write(ID, bytes('n|i:1;'))
    await age?.(ID, 1000)
    await handle.updateTimestamp(ID, bytes('n|i:1;'))
    await handle.close()
    assert.equal(await handle.gc(500), 0)
    assert.equal(text(await handle.read(ID)), 'n|i:1;')
  },

  'removes the old sessions and only those': async (open, { age }) => {
    const handle = await open()
    for (const id of [ID, OTHER, 'cccccccccccccccccccccccccc']) {
      await handle.write(id, bytes('n|i:1;'))
    }
    await handle.close()
    if (age === null) {
      assert.equal(await handle.gc(500), 0)
      return
    }
    await age(ID, 1000)
    await age(OTHER, 501)
    assert.equal(await handle.gc(2000), 0)
    assert.equal(await handle.gc(500), 2)
    assert.deepEqual(
      (await entries(handle)).map(({ id }) => id),
      ['cccccccccccccccccccccccccc'],
    )
  },

  'looks without lock, without creating and without touching': async (open, { age }) => {
    const handle = await open()
    assert.equal(await handle.peek(ID), null)
    assert.equal(await handle.validateSid(ID), false)
    assert.deepEqual(await entries(handle), [])
    const holder = await open()
    await holder.write(ID, bytes('n|i:1;'))
    assert.equal(text(await handle.peek(ID)), 'n|i:1;')
    await holder.close()
    await age?.(ID, 1000)
    assert.equal(text(await handle.peek(ID)), 'n|i:1;')
    assert.equal((await entries(handle)).length, 1)
    assert.equal(await settlesSoon((await open()).read(ID)), true)
    await handle.close()
  },

  'lists the sessions with size and time': async (open) => {
    const handle = await open()
    const start = Date.now() - 2000
    await handle.write(ID, bytes('n|i:1;'))
    await handle.write(OTHER, Buffer.alloc(5000))
    const [first, second, ...more] = await entries(handle)
    assert.deepEqual(more, [])
    assert.equal(first?.id, ID)
    assert.equal(first.size, 6)
    assert.equal(second?.id, OTHER)
    assert.equal(second.size, 5000)
    for (const { mtime } of [first, second]) {
      assert.ok(mtime.getTime() >= start && mtime.getTime() <= Date.now() + 2000)
    }
  },
}
