import { lockRules } from './conformance-locks.ts'
import type { ConformanceSubject } from './conformance-rule.ts'
import { storageRules } from './conformance-storage.ts'
import type { Awaitable, OpenOptions, SaveHandle } from './save-handler.ts'

export type { ConformanceSubject } from './conformance-rule.ts'

/**
 * What every save handler must do, as tests: save-handler.ts says it in words, this checks it. For jest, vitest and node:test:
 *
 *     import { test } from 'node:test'
 *     saveHandlerConformance(test, () => ({ handler: mySaveHandler(), save_path: '…', age: … }))
 */
export function saveHandlerConformance(
  test: (title: string, run: () => Promise<void>) => unknown,
  makeSubject: () => Awaitable<ConformanceSubject>,
): void {
  for (const [title, rule] of Object.entries({ ...storageRules, ...lockRules })) {
    test(title, async () => {
      const subject = await makeSubject()
      const handles: SaveHandle[] = []
      const open = async (options: Partial<OpenOptions> = {}) => {
        const handle = await subject.handler.open(subject.save_path, 'PHPSESSID', { lock: true, lockTimeout: 5000, ...options })
        handles.push(handle)
        return handle
      }
      try {
        await rule(open, subject)
      } finally {
        for (const handle of handles) {
          await handle.close()
        }
        await subject.dispose?.()
      }
    })
  }
}
