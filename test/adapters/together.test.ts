import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SessionManager } from '../../src/session/session-manager.ts'
import { type PhpServer, servePhp } from '../http/php-server.ts'
import { describeNative, phpVersions } from '../oracle/php.ts'
import { phpPage, type Visitor, visitor } from './proof/visitor.ts'
import { serveWasmPhp } from './proof/wasm-php-server.ts'
import { frameworks, type Pages, type Site, type Visit } from './support/frameworks.ts'

/** A PHP page and every adapter in turns on the same sessions: over HTTP, with one cookie, in one folder. */

const page = phpPage(`
  class Account {
    public $name = 'Zoé';
    protected $since = 2009.0;
    private $logins = 1;
    function logIn() { $this->logins += 1; }
  }`)

/** What PHP keeps in the session at first: of each kind one, and a reference from one variable into another. */
const begin = `
  $_SESSION['cart'] = ['shirt' => ['price' => 20.0, 'quantity' => 1, 'sizes' => ['S', 7 => 'XL']], '007' => null];
  $_SESSION['last'] = &$_SESSION['cart']['shirt'];
  $_SESSION['total'] = 59.0;
  $_SESSION['rate'] = 0.1 + 0.2;
  $_SESSION['account'] = new Account;
  $_SESSION['same'] = $_SESSION['account'];
  $_SESSION['flash'] = ['Welcome'];
  $_SESSION['turns'] = ['PHP'];`

/** One turn of Node, and the same in PHP. */
const turns: readonly [what: string, node: ($_SESSION: Visit['$_SESSION']) => void, php: string][] = [
  ['nothing', () => {}, ''],
  ['a look', ($_SESSION) => JSON.stringify($_SESSION), ''],
  [
    'an element deep in an array, which another variable refers to',
    ({ cart }) => (cart.shirt.quantity += 1),
    "$_SESSION['cart']['shirt']['quantity'] += 1;",
  ],
  ['a float that becomes whole', ($_SESSION) => ($_SESSION['total'] += 41), "$_SESSION['total'] += 41;"],
  ['a private property of a class it does not know', ({ account }) => (account.logins += 1), "$_SESSION['account']->logIn();"],
  ['one more in a list', ({ turns }) => turns.push('Node'), "$_SESSION['turns'][] = 'Node';"],
  [
    'a new variable',
    ($_SESSION) => ($_SESSION['address'] = { street: 'Große Straße 1', lines: [1.5, null, true] }),
    "$_SESSION['address'] = ['street' => 'Große Straße 1', 'lines' => [1.5, null, true]];",
  ],
  ['a variable less', ($_SESSION) => delete $_SESSION['flash'], "unset($_SESSION['flash']);"],
]
const phpTurn = "$_SESSION['turns'][] = 'PHP'; $_SESSION['cart']['shirt']['price'] *= 1.1;"

function togetherWith(serve: () => Promise<PhpServer>): void {
  let php: PhpServer

  beforeAll(async () => {
    php = await serve()
  })
  afterAll(() => php?.close())

  describe.each(frameworks)('$name', (framework) => {
    let sessions: SessionManager
    let site: Site
    let guest: Visitor

    beforeAll(async () => {
      sessions = new SessionManager({ save_path: php.save_path, gc_probability: 0, lockTimeout: 5000 })
      site = await framework.serve(sessions, pages)
    })
    afterAll(() => site?.close())
    beforeEach(() => {
      guest = visitor(php, site)
    })

    const pages: Pages = {
      ...Object.fromEntries(turns.map(([, node], at) => [`/turn/${at}`, { show: ({ $_SESSION }) => `${node($_SESSION)}` }])),
      '/log-in': {
        async show({ $_SESSION }) {
          await sessions.regenerate(true)
          $_SESSION['user'] = 'Alice'
          return ''
        },
      },
      '/move': {
        async show() {
          await sessions.regenerate()
          return ''
        },
      },
      '/user': { show: ({ $_SESSION, session }) => `${$_SESSION['user']} ${session?.id}` },
      '/log-out': {
        async show() {
          sessions.current?.cookie.expire()
          await sessions.destroy()
          return ''
        },
      },
    }

    it('leaves what PHP would have left, turn by turn', async () => {
      const control = visitor(php, site)
      await guest.php(begin)
      await control.php(begin)
      for (const [at, [what, , code]] of turns.entries()) {
        await guest.node(`/turn/${at}`)
        await control.php(code)
        expect([what, stored(guest.id)]).toEqual([what, stored(control.id)])
        await guest.php(phpTurn)
        await control.php(phpTurn)
        const read = await guest.php('var_export($_SESSION);')
        expect([what, read]).toEqual([what, await control.php('var_export($_SESSION);')])
      }
      const left = stored(guest.id)
      expect(left).toMatch(
        /^cart\|a:2:\{.*last\|R:2;total\|d:100;rate\|d:0\.30000000000000004;account\|O:7:"Account":3:.*same\|r:\d+;/,
      )
      expect(left).not.toContain('flash')
    })

    it('takes the cookie of PHP, and sends none of its own', async () => {
      await guest.php("$_SESSION['user'] = 'Zoé';")
      const { id } = guest
      expect(await guest.node('/user')).toBe(`Zoé ${id}`)
      expect(guest.setCookie).toEqual([])
    })

    it('makes a cookie as PHP does, and PHP goes on with it', async () => {
      const another = visitor(php, site)
      await another.php('')
      await guest.node('/log-in')
      const { id } = guest
      const masked = ({ setCookie, id }: Visitor) => setCookie.map((cookie) => cookie.replace(id, 'id'))
      expect(masked(guest)).toEqual(masked(another))
      expect(masked(guest)).toHaveLength(1)
      expect(await guest.php('echo $_SESSION["user"], " ", session_id();')).toBe(`Alice ${id}`)
      expect(guest.setCookie).toEqual([])
    })

    it('follows PHP to a new id', async () => {
      await guest.php("$_SESSION['user'] = 'Zoé';")
      const { id } = guest
      await guest.php('session_regenerate_id(true);')
      expect(guest.id).not.toBe(id)
      expect(await guest.node('/user')).toBe(`Zoé ${guest.id}`)
      const thief = visitor(php, site, id)
      expect(await thief.node('/user')).toBe(`undefined ${thief.id}`)
      expect(thief.id).not.toBe(id)
    })

    it('gives a new id that PHP follows', async () => {
      await guest.php("$_SESSION['cart'] = 1;")
      const { id } = guest
      await guest.node('/log-in')
      expect(guest.id).not.toBe(id)
      expect(await guest.php('echo json_encode($_SESSION), session_id();')).toBe(`{"cart":1,"user":"Alice"}${guest.id}`)
      expect(guest.setCookie).toEqual([])
      const thief = visitor(php, site, id)
      expect(await thief.php('echo json_encode($_SESSION);')).toBe('[]')
      expect(thief.id).not.toBe(id)
    })

    it.each([
      ['PHP', (guest: Visitor) => guest.php('session_regenerate_id();')],
      ['it', (guest: Visitor) => guest.node('/move')],
    ])('keeps the old session for both where %s regenerates without deleting', async (_who, regenerate) => {
      await guest.php("$_SESSION['user'] = 'Zoé';")
      const { id } = guest
      await regenerate(guest)
      const late = visitor(php, site, id)
      expect(await late.node('/user')).toBe(`Zoé ${id}`)
      expect(await late.php('echo $_SESSION["user"];')).toBe('Zoé')
      expect(await guest.node('/user')).toBe(`Zoé ${guest.id}`)
      expect(await guest.php('echo $_SESSION["user"];')).toBe('Zoé')
      expect(guest.id).not.toBe(id)
    })

    it.each([
      [
        'PHP',
        (guest: Visitor) => guest.php("setcookie(session_name(), '', ['expires' => 1, 'path' => '/']); session_destroy();"),
      ],
      ['it', (guest: Visitor) => guest.node('/log-out')],
    ])('knows nobody any more whom %s logged out, and neither does PHP', async (_who, logOut) => {
      await guest.node('/log-in')
      await guest.php('$_SESSION["cart"] = 1;')
      const { id } = guest
      await logOut(guest)
      expect(guest.id).toBe('')
      expect(existsSync(join(php.save_path, `sess_${id}`))).toBe(false)
      // Neither with the cookie gone, nor with one that was kept.
      const [late, later] = [visitor(php, site, id), visitor(php, site, id)]
      expect(await guest.node('/user')).toBe(`undefined ${guest.id}`)
      expect(await late.node('/user')).toBe(`undefined ${late.id}`)
      expect(await later.php('echo json_encode($_SESSION);')).toBe('[]')
      expect([guest.id, late.id, later.id]).not.toContain(id)
    })
  })

  const stored = (id: string) => readFileSync(join(php.save_path, `sess_${id}`), 'utf8')
}

describe.each(['7.4', phpVersions.at(-1)!] as const)('with a page of PHP %s, as WebAssembly:', (version) => {
  togetherWith(() => serveWasmPhp(version, page))
})

describeNative('with a page of the installed PHP:', () => togetherWith(() => servePhp(page)))
