import type { PhpServer } from '../../http/php-server.ts'
import { askHttp1 } from '../../http/servers.ts'
import type { Site } from '../support/frameworks.ts'

/** A browser that goes to a PHP page and to a Node site with the same cookie, as to two addresses of one host. */
export interface Visitor {
  /** The id in its cookie, '' if it has none. */
  readonly id: string
  /** The Set-Cookie headers of the last answer. */
  readonly setCookie: readonly string[]
  /** Lets the PHP page run this code within the session; → what it printed. */
  php(code: string): Promise<string>
  /** Gets a page of the Node site. */
  node(path: string): Promise<string>
}

/** What is behind `Visitor.php`: the directives are those that a SessionManager has by default. */
export function phpPage(declarations: string): string {
  return `<?php
    ${declarations}
    session_start(['use_strict_mode' => 1, 'cookie_httponly' => 1, 'cookie_samesite' => 'Lax', 'gc_probability' => 0]);
    eval($_GET['code']);
    echo '${END}';`
}

/** Without it, PHP did not get to its end. */
const END = 'the end of the page'

/** Comes with the cookie of an earlier visit, or without any. */
export function visitor(php: PhpServer, site: Site, id = ''): Visitor {
  let setCookie: readonly string[] = []
  const headers = () => (id === '' ? {} : { Cookie: `PHPSESSID=${id}` })
  const take = (cookies: readonly string[]) => {
    setCookie = cookies
    for (const cookie of cookies) {
      const [, value = '', attributes = ''] = /^PHPSESSID=([^;]*)(.*)$/.exec(cookie) ?? []
      id = /; Max-Age=0\b/.test(attributes) ? '' : value
    }
  }
  return {
    get id() {
      return id
    },
    get setCookie() {
      return setCookie
    },
    async php(code) {
      const answer = await php.ask({ query: `code=${encodeURIComponent(code)}`, headers: headers() })
      take(answer.headers.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : [])))
      if (!answer.body.endsWith(END)) throw new Error(`PHP failed at ${code}: ${answer.body}`)
      return answer.body.slice(0, -END.length)
    },
    async node(path) {
      const answer = await askHttp1(site.port, { path, headers: headers() })
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
      take([answer.headers['set-cookie'] ?? []].flat())
      return Buffer.from(answer.body, 'latin1').toString()
    },
  }
}
