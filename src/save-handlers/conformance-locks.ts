import { strict as assert } from 'node:assert'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytes, fails, ID, OTHER, type Rule, settlesSoon, text } from './conformance-rule.ts'

/** The lock. */
export const lockRules: Record<string, Rule> = {
  'holds the lock from reading to closing': async (open) => {
    const first = await open()
    const second = await open()
    await first.read(ID)
    const reading = second.read(ID)
    assert.equal(await settlesSoon(reading), false)
    await first.write(ID, bytes('n|i:1;'))
    await first.updateTimestamp(ID, bytes('n|i:1;'))
    assert.equal(await settlesSoon(reading), false)
    await first.close()
    assert.equal(text(await reading), 'n|i:1;')
  },

  'takes the lock for a write without a read': async (open) => {
    const first = await open()
    const second = await open()
    await first.write(ID, bytes('first'))
    const writing = second.write(ID, bytes('second'))
    assert.equal(await settlesSoon(writing), false)
    assert.equal(text(await first.read(ID)), 'first')
    await first.close()
    await writing
    assert.equal(text(await second.read(ID)), 'second')
  },

  'locks each session by itself': async (open) => {
    await (await open()).read(ID)
    assert.equal(await settlesSoon((await open()).read(OTHER)), true)
  },

  'gives the lock back when another session is read': async (open) => {
    const first = await open()
    await first.read(ID)
    await first.read(OTHER)
    assert.equal(await settlesSoon((await open()).read(ID)), true)
  },

  'gives the lock back when the session is destroyed': async (open) => {
    const first = await open()
    await first.write(ID, bytes('n|i:1;'))
    const reading = (await open()).read(ID)
    await first.destroy(ID)
    assert.equal(text(await reading), '')
  },

  'serves those who wait in the order they came': async (open) => {
    const holder = await open()
    await holder.read(ID)
    const order: number[] = []
    const waiting: Promise<void>[] = []
    const wait = async (number: number) => {
      const handle = await open()
      await handle.read(ID)
      order.push(number)
      await handle.close()
    }
    for (let number = 0; number < 6; number++) {
      waiting.push(wait(number))
      await sleep(10)
    }
    await holder.close()
    await Promise.all(waiting)
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5])
  },

  'gives up waiting after lockTimeout, and can be used again': async (open) => {
    const holder = await open()
    await holder.read(ID)
    const handle = await open({ lockTimeout: 60 })
    const start = performance.now()
    const error = await fails('LOCK_TIMEOUT', () => handle.read(ID))
    assert.ok(performance.now() - start >= 55)
    assert.ok(!error.message.includes(ID), 'a message must not hold the whole id')
    await fails('LOCK_TIMEOUT', () => handle.write(ID, bytes('x')))
    assert.equal((await handle.read(OTHER)).length, 0)
    await holder.close()
    assert.equal((await handle.read(ID)).length, 0)
  },

  'waits without end when lockTimeout is Infinity': async (open) => {
    const holder = await open()
    await holder.read(ID)
    const reading = (await open({ lockTimeout: Infinity })).read(ID)
    assert.equal(await settlesSoon(reading), false)
    await holder.close()
    assert.equal(text(await reading), '')
  },

  'lets nobody through after a wait that was given up': async (open) => {
    const holder = await open()
    await holder.read(ID)
    await fails('LOCK_TIMEOUT', async () => (await open({ lockTimeout: 20 })).read(ID))
    const second = await open()
    const reading = second.read(ID)
    assert.equal(await settlesSoon(reading), false)
    await holder.close()
    await reading
    const third = (await open()).read(ID)
    assert.equal(await settlesSoon(third), false)
    await second.close()
    await third
  },

  'neither waits nor holds up when locking is switched off': async (open) => {
    await (await open()).read(ID)
    const handle = await open({ lock: false })
    await handle.read(ID)
    await handle.write(ID, bytes('n|i:1;'))
    assert.equal(text(await handle.read(ID)), 'n|i:1;')
    await handle.read(OTHER)
    assert.equal(await settlesSoon((await open()).read(OTHER)), true)
  },

  'closes again and again, and opens again': async (open) => {
    const handle = await open()
    await handle.close()
    await handle.write(ID, bytes('n|i:1;'))
    await handle.close()
    await handle.close()
    assert.equal(text(await handle.read(ID)), 'n|i:1;')
  },

  'loses nothing when many add to one session': async (open) => {
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        const handle = await open()
        for (let times = 0; times < 5; times++) {
          const count = Number(text(await handle.read(ID)))
          await sleep(times % 2)
          await handle.write(ID, bytes(String(count + 1)))
          await handle.close()
        }
      }),
    )
    assert.equal(text(await (await open()).peek(ID)), '150')
  },

  'leaves an old session that somebody has locked': async (open, { age }) => {
    const holder = await open()
    await holder.write(ID, bytes('n|i:1;'))
    await age?.(ID, 1000)
    assert.equal(await (await open()).gc(500), 0)
    assert.equal(text(await holder.read(ID)), 'n|i:1;')
  },
}
