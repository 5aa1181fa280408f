import { memorySaveHandler } from '../../src/save-handlers/memory.ts'
import type { NodeRequest, NodeResponse } from '../../src/session/given-request.ts'
import type { SessionManagerOptions } from '../../src/session/options.ts'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type Answer, type Asking, serve } from '../http/servers.ts'

/** A session manager that takes the ids it is given. */
export function manager(options: SessionManagerOptions = {}): SessionManager {
  return new SessionManager({ save_handler: memorySaveHandler(), use_strict_mode: 0, gc_probability: 0, ...options })
}

export type Page = (req: NodeRequest, res: NodeResponse) => unknown

/** Serves one request by `page`, and gives the answer, and what the page gave or threw. */
export async function request(page: Page, asking: Asking = {}): Promise<{ answer: Answer; result: unknown }> {
  let result: unknown
  const server = await serve('HTTP/1.1', async (req, res) => {
    result = await new Promise((resolve) => resolve(page(req, res))).catch((error: unknown) => error)
    res.end()
  })
  try {
    const answer = await server.ask(asking)
    return { answer, result }
  } finally {
    await server.close()
  }
}

/** Who has the session `given`. */
export const visitor: Asking = { headers: { Cookie: 'PHPSESSID=given' } }
