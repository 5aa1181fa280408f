import { setTimeout as sleep } from 'node:timers/promises'
import { SessionError, type SessionErrorCode } from '../../src/errors.ts'
import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { SaveHandle, SaveHandler } from '../../src/save-handlers/save-handler.ts'
import type { Session } from '../../src/session/session.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { serve } from '../http/servers.ts'

/** What is left when a save handler fails, and when a caller does not wait. */

type Call = keyof SaveHandle

let memory: SaveHandler
/** The calls that fail, with how many to let through before. */
let failing: Partial<Record<Call, number>>
let sessions: SessionManager
let delay: number

function handler(): SaveHandler {
  return {
    name: 'failing',
    async open(save_path, name, options) {
      const handle = await memory.open(save_path, name, options)
      return new Proxy(handle, {
        get(target, call: Call) {
          const method = target[call] as ((...given: unknown[]) => unknown) | undefined
          if (method === undefined) return undefined
          return (...given: unknown[]) => {
            if (failing[call] !== undefined && failing[call]-- === 0) return fail(target, call)
            return delay > 0 && call !== 'close'
              ? sleep(delay).then(() => Reflect.apply(method, target, given))
              : Reflect.apply(method, target, given)
          }
        },
      })
    },
  }
}

/** As the contract has it: after a failed read and destroy no lock is held. */
async function fail(handle: SaveHandle, call: Call): Promise<never> {
  const codes: Partial<Record<Call, SessionErrorCode>> = { read: 'READ_FAILED', createSid: 'SID_COLLISION' }
  if (call === 'read' || call === 'destroy') await handle.close()
  throw new SessionError(codes[call] ?? 'WRITE_FAILED', 'on purpose')
}

beforeEach(() => {
  memory = memorySaveHandler()
  failing = {}
  delay = 0
  sessions = new SessionManager({ save_handler: handler(), use_strict_mode: false, gc_probability: 0, lockTimeout: 0 })
})

const isFree = (id: string) =>
  sessions.start({ id }).then(
    (session) => session.abort().then(() => true),
    () => false,
  )

async function stored(): Promise<Session> {
  const session = await sessions.start({ id: 'alice' })
  session.$_SESSION['n'] = 1
  await session.commit()
  return sessions.start({ id: 'alice' })
}

describe('when the save handler fails', () => {
  it('start: no lock is kept, and the next start is as if nothing had been', async () => {
    await (await stored()).commit()
    failing = { read: 0 }
    await expect(sessions.start({ id: 'alice' })).rejects.toMatchObject({ code: 'READ_FAILED' })
    expect(await isFree('alice')).toBe(true)
  })

  it('commit: the lock is given back, what was stored stays, and asking again gives the same error', async () => {
    const session = await stored()
    session.$_SESSION['n'] = 2
    failing = { write: 0 }
    await expect(session.commit()).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    await expect(session.commit()).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(session.status).toBe('closed')
    expect(await isFree('alice')).toBe(true)
    expect(await sessions.peek({ id: 'alice' })).toEqual({ n: 1 })
  })

  it('touch: the same', async () => {
    const session = await stored()
    failing = { updateTimestamp: 0 }
    await expect(session.commit()).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(await isFree('alice')).toBe(true)
  })

  it('destroy: the session is closed, not destroyed', async () => {
    const session = await stored()
    failing = { destroy: 0 }
    await expect(session.destroy()).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect(session.status).toBe('closed')
    expect(await isFree('alice')).toBe(true)
    expect(await sessions.peek({ id: 'alice' })).toEqual({ n: 1 })
  })

  it('reset: the session is closed, because its lock is gone', async () => {
    const session = await stored()
    failing = { read: 0 }
    await expect(session.reset()).rejects.toMatchObject({ code: 'READ_FAILED' })
    expect(session.status).toBe('closed')
    expect(await isFree('alice')).toBe(true)
  })

  // biome-ignore format: a table
  const steps: [call: Call, deleteOld: boolean][] = [['createSid', false], ['createSid', true], ['read', false], ['read', true], ['write', false], ['write', true]]
  it.each(steps)(
    'regenerate, at %s (deleteOld %s): the session goes on under its old id and lock, no other is left',
    async (call, deleteOld) => {
      const session = await stored()
      session.$_SESSION['n'] = 2
      failing = { [call]: 0 }
      await expect(session.regenerate(deleteOld)).rejects.toBeInstanceOf(SessionError)
      expect([session.id, session.status]).toEqual(['alice', 'active'])
      expect(await isFree('alice')).toBe(false)
      await session.commit()
      expect(await ids()).toEqual(['alice'])
      expect(await sessions.peek({ id: 'alice' })).toEqual({ n: 2 })
    },
  )

  it('regenerate, at the removal of the old session: it is closed, and no second one is left', async () => {
    const session = await stored()
    session.$_SESSION['n'] = 2
    failing = { destroy: 0 }
    await expect(session.regenerate(true)).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    expect([session.id, session.status]).toEqual(['alice', 'closed'])
    expect(await ids()).toEqual(['alice'])
    expect(await isFree('alice')).toBe(true)
  })

  it('gc: the caller gets the error; by chance after a start it is a warning', async () => {
    failing = { gc: 0 }
    await expect(sessions.gc()).rejects.toMatchObject({ code: 'WRITE_FAILED' })
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    failing = { gc: 0 }
    const session = await sessions.start({ id: 'alice', gc_probability: 100 })
    await session.commit()
    await sleep(20)
    expect(warn.mock.calls).toEqual([['on purpose', { type: 'SessionWarning' }]])
    warn.mockRestore()
  })

  async function ids(): Promise<string[]> {
    const handle = await memory.open('', 'PHPSESSID', { lock: false, lockTimeout: 0 })
    const all: string[] = []
    for await (const { id } of handle.list()) all.push(id)
    return all
  }
})

describe('a caller who does not wait', () => {
  beforeEach(() => {
    delay = 5
  })

  it('for regenerate commits under the new id', async () => {
    const session = await stored()
    void session.regenerate(true)
    session.$_SESSION['n'] = 2
    await session.commit()
    expect(session.id).not.toBe('alice')
    expect(await sessions.peek({ id: session.id })).toEqual({ n: 2 })
    expect(await sessions.peek({ id: 'alice' })).toBeNull()
    expect(await isFree(session.id)).toBe(true)
  })

  it('for regenerate before the end of the answer sends the new cookie all the same', async () => {
    await (await stored()).commit()
    const { ask, close } = await serve('HTTP/1.1', async (req, res) => {
      const session = await sessions.start(req, res)
      void session.regenerate(true)
      res.end('done')
    })
    const { headers, body } = await ask({ headers: { Cookie: 'PHPSESSID=alice' } })
    await close()
    const [, id = ''] = /PHPSESSID=(\w{32})/.exec(String(headers['set-cookie'])) ?? []
    expect(body).toBe('done')
    expect(await sessions.peek({ id })).toEqual({ n: 1 })
    expect(await isFree(id)).toBe(true)
  })

  it('for two regenerates has the second id, and no lock on the first', async () => {
    const session = await stored()
    const first = session.regenerate().then(() => session.id)
    const second = session.regenerate(true).then(() => session.id)
    const [one, two] = [await first, await second]
    await session.commit()
    expect(session.id).toBe(two)
    expect(await isFree(one)).toBe(true)
    expect(await sessions.peek({ id: one })).toBeNull()
    expect(await sessions.peek({ id: two })).toEqual({ n: 1 })
  })

  it('for a regenerate that fails can still commit', async () => {
    const session = await stored()
    failing = { createSid: 0 }
    const failed = expect(session.regenerate()).rejects.toMatchObject({ code: 'SID_COLLISION' })
    session.$_SESSION['n'] = 2
    await session.commit()
    await failed
    expect(await sessions.peek({ id: 'alice' })).toEqual({ n: 2 })
  })

  it('for commit gets the same commit again', async () => {
    const session = await stored()
    session.$_SESSION['n'] = 2
    const first = session.commit()
    expect(session.status).toBe('closed')
    await Promise.all([first, session.commit(), session.abort()])
    expect(await sessions.peek({ id: 'alice' })).toEqual({ n: 2 })
  })

  it('for reset commits what was read', async () => {
    const session = await stored()
    session.$_SESSION['n'] = 2
    void session.reset()
    await session.commit()
    expect(await sessions.peek({ id: 'alice' })).toEqual({ n: 1 })
  })

  it.each(['destroy', 'abort'] as const)('for regenerate can %s the new session', async (method) => {
    const session = await stored()
    void session.regenerate(true)
    await session[method]()
    expect(session.id).not.toBe('alice')
    expect(await isFree(session.id)).toBe(true)
  })
})
