/** What code that was written for other session libraries does with a session, and what it would never hear of. */

const refuseVariables = new Proxy(
  {},
  {
    set(target, key, value, session) {
      if (typeof key === 'symbol') return Reflect.set(target, key, value, session)
      throw new TypeError(`A session has no property ${key} to be set: its variables are those of $_SESSION`)
    },
  },
)

/**
 * To be the prototype of the session's prototype: in most libraries a session's variables are its properties. Here, what is set on the
 * session itself would be stored nowhere.
 */
// biome-ignore lint/suspicious/noThenProperty: every await looks for it, which costs nothing where it is found before the proxy
export const noVariables: object = Object.create(refuseVariables, { then: { value: undefined } })

/** @throws TypeError for a callback, which nobody would call */
export function refuseCallback([given]: readonly unknown[]): void {
  if (typeof given === 'function') throw new TypeError('Methods of a session take no callback: they return a promise')
}
