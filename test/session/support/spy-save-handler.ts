import { setTimeout as sleep } from 'node:timers/promises'
import type { SaveHandle, SaveHandler } from '../../../src/save-handlers/save-handler.ts'

/** A save handler that is watched: what it was asked, and how long each answer is to take. */
export interface SpySaveHandler extends SaveHandler {
  /** Each call and its id: `read abc`. */
  readonly calls: string[]
  /** Milliseconds that every read, write and destroy takes, which makes them answer by promises. */
  delay: number
  /** What `write` is to fail with. */
  failure: Error | undefined
}

export function spySaveHandler(handler: SaveHandler): SpySaveHandler {
  const spy: SpySaveHandler = {
    name: handler.name,
    calls: [],
    delay: 0,
    failure: undefined,
    open(save_path, name, options) {
      const handle = handler.open(save_path, name, options)
      if (handle instanceof Promise) throw new Error('the save handler that is watched answers at once')
      return watched(handle, spy)
    },
  }
  return spy
}

function watched(handle: SaveHandle, spy: SpySaveHandler): SaveHandle {
  return new Proxy(handle, {
    get(target, name: keyof SaveHandle) {
      const method = target[name] as ((...given: unknown[]) => unknown) | undefined
      // An await asks for a method `then`.
      if (method === undefined) return undefined
      return (...given: unknown[]) => {
        spy.calls.push(typeof given[0] === 'string' ? `${name} ${given[0]}` : name)
        if (spy.failure !== undefined && (name === 'write' || name === 'updateTimestamp')) throw spy.failure
        const call = () => Reflect.apply(method, target, given)
        return spy.delay > 0 && /^(read|write|updateTimestamp|destroy)$/.test(name) ? sleep(spy.delay).then(call) : call()
      }
    },
  })
}
