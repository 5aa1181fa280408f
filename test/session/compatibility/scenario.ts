/**
 * A scenario is one or more requests of one browser to one application, written once and run twice: by a PHP script (page.php) on a real
 * PHP, and by a handler of `node:http` on this package (here.ts). What each of them sees and leaves behind must be the same.
 *
 * A request is a list of steps:
 *
 *     start, start {"read_and_close":1}    session_start()
 *     id abc                               session_id('abc'), to be used by the next start
 *     set cart [1,2]                       $_SESSION['cart'] = [1, 2]
 *     delete cart                          unset($_SESSION['cart'])
 *     assign {"a":1}                       $_SESSION = ['a' => 1]
 *     unset, destroy, abort, reset, commit, regenerate, regenerate true, gc, create_id user-
 *     encode, decode a|i:1;                session_encode(), session_decode('a|i:1;')
 *     header Set-Cookie: a=b               header('Set-Cookie: a=b', false)
 *     output                               sends the headers and something of the page
 *     shape                                how long the id is, and of which characters
 *     look                                 what session_status(), session_id() and $_SESSION are
 *
 * The session is committed at the end of the request. The browser keeps its cookies from request to request.
 */
export interface Scenario {
  readonly area: string
  readonly title: string
  readonly requests: readonly RequestSpec[]
  /** Directives. `%` in save_path is the folder. */
  readonly ini: Readonly<Record<string, string | number>>
  /** The sessions there are before: id, or path from the folder on, and bytes. */
  readonly files: Readonly<Record<string, string>>
  /** How old they are at first, in seconds; 1000 if not said. They are made this old again before each request. */
  readonly age: number
  /** The oldest PHP that does this. */
  readonly since: string
  /** Whether it concerns what only a web server tells PHP. */
  readonly needsServer: boolean
  readonly differs: Difference | undefined
}

export interface RequestSpec {
  readonly steps: readonly string[]
  /** Cookies the browser got from elsewhere; undefined: those it has. */
  readonly cookies?: Readonly<Record<string, string>>
  readonly query?: string
  readonly form?: string
  readonly referer?: string
}

/** What is not as in PHP, on purpose: the lines of the trace that only PHP has, and those that only we have. */
export interface Difference {
  readonly why: string
  readonly php: readonly string[]
  readonly here: readonly string[]
  /** What it has become in newer versions; undefined: the same as here. */
  readonly newer?: { readonly since: Since; readonly difference: Difference | undefined }
}

/** The first version of each branch: `8.2.36`. All later branches are newer, and all earlier ones older. */
export type Since = readonly string[]

/** What differs from this PHP. */
export function differenceFrom(phpVersion: string, { differs }: Scenario): Difference | undefined {
  return differs?.newer !== undefined && isSince(phpVersion, differs.newer.since) ? differs.newer.difference : differs
}

function isSince(phpVersion: string, since: Since): boolean {
  const [own, ...firsts] = [phpVersion, ...since].map((version) => {
    const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
    return { branch: major * 100 + minor, patch }
  })
  const first = firsts.find(({ branch }) => branch === own!.branch)
  return first === undefined ? firsts.every(({ branch }) => branch < own!.branch) : first.patch <= own!.patch
}

/** A step as both sides read it: its name, and what follows it. */
export function parseStep(step: string): [name: string, ...given: unknown[]] {
  const [, name = '', rest = ''] = /^(\w+) ?(.*)$/s.exec(step) ?? []
  if (name === 'set') {
    const [, key = '', value = 'null'] = /^(\S*) (.*)$/s.exec(rest) ?? []
    return [name, key, JSON.parse(value)]
  }
  const isJson = name === 'start' || name === 'assign' || name === 'regenerate'
  return rest === '' ? [name] : [name, isJson ? JSON.parse(rest) : rest]
}

/** A request as HTTP sends it; what the page is to do stands in a header of its own. */
export function instructions(
  { steps, query = '', form, referer }: RequestSpec,
  cookies: Readonly<Record<string, string>>,
  ini: Scenario['ini'],
): { query: string; form: string | undefined; headers: Record<string, string> } {
  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const headers = {
    'X-Request': Buffer.from(JSON.stringify({ ini, steps: steps.map(parseStep) })).toString('base64'),
    ...(cookie.length > 0 && { Cookie: cookie.join('; ') }),
    ...(referer !== undefined && { Referer: referer }),
    ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
  }
  return { query, form, headers }
}

/** A page says what its steps gave in its last line. */
export function lastLine(body: string): Answer['results'] {
  try {
    return JSON.parse(body.slice(body.lastIndexOf('\n') + 1))
  } catch {
    throw new Error(`the page said ${body}`)
  }
}

/** What one side says of one request. Bytes have one character each. */
export interface Answer {
  /** The result of each step: a text, or undefined for steps that have none. */
  readonly results: readonly (string | null)[]
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** One of the two sides, for one scenario. */
export interface Side {
  /** Serves one request, with the sessions in `folder`. */
  ask(request: RequestSpec, cookies: Readonly<Record<string, string>>, ini: Scenario['ini']): Promise<Answer>
}
