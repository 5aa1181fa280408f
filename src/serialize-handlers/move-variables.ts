import { type Container, forget, type Memory, recall, remember } from '../php/memory.ts'
import { setOwn } from '../php/values.ts'

/**
 * Gives `to` all variables of `from`, in place of those of the same names, with all that is remembered of them: floats, and the
 * references between them. Those that `to` had leave the references they were part of, as in PHP's session_decode().
 */
export function moveVariables(from: Container, to: Container): void {
  for (const key of Object.keys(from)) {
    forget(to, key)
    setOwn(to, key, from[key])
  }
  const { floats, floatTexts, references } = recall(from) ?? {}
  const present = recall(to)
  const memory: Partial<Record<keyof Memory, unknown>> = {}
  if (floats instanceof Set) memory.floats = new Set([...setOf(present?.floats), ...floats])
  if (floatTexts !== undefined) memory.floatTexts = new Map([...(present?.floatTexts ?? []), ...floatTexts])
  if (references !== undefined) {
    for (const { places } of references.values()) for (const place of places) if (place.container === from) place.container = to
    memory.references = new Map([...(present?.references ?? []), ...references])
  }
  remember(to, memory as Memory)
}

function setOf(floats: Memory['floats']): ReadonlySet<string | number> {
  return typeof floats === 'object' ? floats : new Set()
}
