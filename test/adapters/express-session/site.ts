import { phpSession } from '../../../src/adapters/express.ts'
import { SessionManager } from '../../../src/session/session-manager.ts'
import { type App, type Browser, frameworks, type OurSide, openBrowser, ours, type Page } from './sides.ts'

type Options = Parameters<typeof phpSession>[1]

/** An application of one test over `phpSession`. */
export class Site {
  readonly side: OurSide = ours()
  readonly sessions = new SessionManager({ save_path: this.side.save_path, gc_probability: 0, lockTimeout: 2000 })
  readonly #opened: Browser[] = []
  readonly #warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})

  async open(pages: Record<string, Page>, options?: Options, app: App = frameworks['Express 5']!()): Promise<Browser> {
    app.use(phpSession(this.sessions, options) as unknown as Page)
    const browser = await openBrowser(app, this.side.name, pages)
    this.#opened.push(browser)
    return browser
  }

  /** What the only page answers. */
  async answerOf(page: Page, options?: Options): Promise<unknown> {
    const { visit } = await this.open({ '/': page }, options)
    return (await visit('/')).body
  }

  /** Also says what nobody has taken of the warnings. */
  async close(): Promise<unknown[]> {
    for (const browser of this.#opened) await browser.close()
    this.side.close()
    const left = this.takeWarnings()
    this.#warn.mockRestore()
    return left
  }

  takeWarnings(): unknown[] {
    return this.#warn.mock.calls.splice(0)
  }
}

/** The code of an error, or its name. */
export function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? (error as Error).name
}

/** The code of what this throws, 'nothing' if it does not. */
export function thrown(work: () => unknown): string {
  const error = errorOf(work)
  return error === undefined ? 'nothing' : codeOf(error)
}

export function messageOf(work: () => unknown): string {
  return String((errorOf(work) as Error).message)
}

function errorOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}
