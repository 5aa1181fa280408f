import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createTestSessions } from '../../src/testing/test-sessions.ts'
import { describeNative, nativePhp } from '../oracle/php.ts'

const sessions = createTestSessions<{ user?: string; cart?: number[]; admin?: boolean }>()

describe('sessions for a test', () => {
  it('are files in a folder of their own, which nobody else may look into', async () => {
    const other = createTestSessions()
    expect(other.save_path).not.toBe(sessions.save_path)
    expect(statSync(sessions.save_path).mode & 0o777).toBe(0o700)
    const { file } = await other.seed({ user: 'Alice' })
    expect(readFileSync(file!, 'latin1')).toBe('user|s:5:"Alice";')
    await other.close()
  })

  it.each([
    ['are closed', (each: ReturnType<typeof createTestSessions>) => each.close()],
    ['go out of scope', (each: ReturnType<typeof createTestSessions>) => each[Symbol.asyncDispose]()],
  ])('are gone when they %s, which they may be twice', async (_when, end) => {
    const ended = createTestSessions()
    await ended.seed({})
    await end(ended)
    await end(ended)
    expect(existsSync(ended.save_path)).toBe(false)
    expect(existsSync(sessions.save_path)).toBe(true)
  })

  it('take the directives of the application', async () => {
    const others = createTestSessions({ name: 'SID', serialize_handler: 'php_serialize', charset: 'latin1', sid_length: 40 })
    const session = await others.seed({ name: 'Zoé' })
    expect(session).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      name: 'SID',
      cookie: `SID=${session.id}`,
      headers: { Cookie: `SID=${session.id}` },
      file: `${others.save_path}/sess_${session.id}`,
    })
    expect(readFileSync(session.file!, 'latin1')).toBe('a:1:{s:4:"name";s:3:"Zoé";}')
    expect(others.sessions.directives).toMatchObject({ name: 'SID', gc_probability: 0, save_path: others.save_path })
  })

  it.each([
    [{ save_path: '/tmp' }, 'createTestSessions takes no save_path: it keeps files in a folder of its own'],
    [{ save_handler: 'memory' }, 'createTestSessions takes no save_handler: it keeps files in a folder of its own'],
    [{ cookie_lifetim: 1 }, "Unknown option 'cookie_lifetim': did you mean 'cookie_lifetime'?"],
  ])('refuse %j', (options, message) => {
    expect(() => createTestSessions(options as object)).toThrow(new TypeError(message))
  })
})

describe('what only types would refuse', () => {
  // biome-ignore format: a table
  it.each<[what: string, call: () => unknown, says: string]>([
    ['no options',           () => createTestSessions(null as never),            'options must be an object'],
    ['users without names',  () => createTestSessions({ users: 5 as never }),    'users must be an object'],
    ['an id that is none',   () => sessions.seed({}, 'abc' as never),            'An id is given as { id }'],
    ['an id misspelt',       () => sessions.seed({}, { ID: 'abc' } as never),    'An id is given as { id }'],
    ['an id that is a number', () => sessions.seed({}, { id: 5 } as never),      'An id is given as { id }'],
    ['nothing to read',      () => sessions.read(undefined as never),            'An id is given as { id }'],
    ['a session without id', () => sessions.read({} as never),                   'Give read a session or its id'],
    ['nobody',               () => sessions.as(undefined as never),              '`as` needs the name of a user'],
  ])('is a TypeError: %s', async (_what, call, says) => {
    await expect((async () => call())()).rejects.toThrow(expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(says) }))
  })
})

describe('a seeded session', () => {
  it('has the same id in every run, and another than the one before', async () => {
    const [one, two] = [createTestSessions(), createTestSessions()]
    const ids = [await one.seed({}), await one.seed({}), await two.seed({}), await two.seed({})].map(({ id }) => id)
    expect(ids.slice(0, 2)).toEqual(ids.slice(2))
    expect(new Set(ids).size).toBe(2)
  })

  it('has the id it is given, and is the only one of that id', async () => {
    const first = await sessions.seed({ user: 'Alice', cart: [1] }, { id: 'a,b-C' })
    expect(first).toMatchObject({ id: 'a,b-C', cookie: 'PHPSESSID=a%2Cb-C' })
    await sessions.seed({ user: 'Bob' }, { id: 'a,b-C' })
    expect(await sessions.read('a,b-C')).toEqual({ user: 'Bob' })
  })

  it('is what the application under test finds, and reading shows what it made of it', async () => {
    const { id } = await sessions.seed({ cart: [1] })
    const session = await sessions.sessions.start({ id })
    session.$_SESSION.cart?.push(2)
    expect(await sessions.read({ id })).toEqual({ cart: [1] })
    await session.commit()
    expect(await sessions.read({ id })).toEqual({ cart: [1, 2] })
    expect(await sessions.read('nobody')).toBeNull()
  })

  it('that cannot be stored is an error, and leaves no lock', async () => {
    await expect(sessions.seed({ user: (() => {}) as never }, { id: 'bad' })).rejects.toThrow('user: PHP has no function')
    await expect(sessions.seed({ ['a|b' as 'user']: 'x' }, { id: 'bad' })).rejects.toMatchObject({ code: 'INVALID_KEY' })
    await expect(sessions.seed({}, { id: 'a/b' })).rejects.toMatchObject({ code: 'INVALID_ID' })
    await sessions.seed({ user: 'Alice' }, { id: 'bad' })
    expect(await sessions.read('bad')).toEqual({ user: 'Alice' })
  })
})

describe('the session of a user', () => {
  it('is made once, and holds the name', async () => {
    const alice = await sessions.as('alice')
    expect(await sessions.read(alice)).toEqual({ user: 'alice' })
    await sessions.seed({ user: 'alice', cart: [1] }, alice)
    expect(await sessions.as('alice')).toBe(alice)
    expect(await sessions.read(alice)).toEqual({ user: 'alice', cart: [1] })
    expect((await sessions.as('bob')).id).not.toBe(alice.id)
  })

  it('holds what it is asked to hold, under its old id', async () => {
    const carol = await sessions.as('carol', { cart: [1] })
    expect(await sessions.read(carol)).toEqual({ user: 'carol', cart: [1] })
    expect((await sessions.as('carol', { admin: true })).id).toBe(carol.id)
    expect(await sessions.read(carol)).toEqual({ user: 'carol', admin: true })
  })

  it('holds what `users` has for the name', async () => {
    const users = { alice: { user: 'Alice', admin: true }, bob: { user: 'Bob' } }
    const others = createTestSessions({ users })
    expect(await others.read(await others.as('alice', { cart: [] }))).toEqual({ user: 'Alice', admin: true, cart: [] })
    const message = "There is no user 'carol': `users` has alice, bob"
    await expect(others.as('carol')).rejects.toThrow(new TypeError(message))
    await expect(others.as('toString')).rejects.toThrow(TypeError)
  })

  it('is no other because the one before could not be made', async () => {
    const [before, ellen] = await Promise.allSettled([sessions.as('ellen', new Map() as never), sessions.as('ellen')])
    expect(before).toMatchObject({
      status: 'rejected',
      reason: { message: '$_SESSION must be an object of variables, not a Map' },
    })
    expect(await sessions.as('ellen')).toBe((ellen as PromiseFulfilledResult<unknown>).value)
  })

  it('can be made again after it could not be', async () => {
    await expect(sessions.as('dave', { cart: Symbol('cart') as never })).rejects.toThrow('PHP has no symbol')
    expect(await sessions.read(await sessions.as('dave'))).toEqual({ user: 'dave' })
  })
})

describeNative('a PHP with the settings of the test', () => {
  const php = (args: readonly string[], code: string) =>
    execFileSync(nativePhp!, ['-n', ...args, '-r', code], { encoding: 'utf8' })
  const options = { name: 'SID', serialize_handler: 'php_binary', cookie_lifetime: 60, cookie_httponly: false, gc_divisor: 7 }

  it('has them all', () => {
    const others = createTestSessions(options)
    const { directives } = others.sessions
    const names = Object.keys(directives).filter((name) => name !== 'cookie_partitioned')
    const values = `array_map(fn ($name) => ini_get("session.$name"), ${JSON.stringify(names)})`
    const text = (value: unknown) => String(typeof value === 'boolean' ? Number(value) : value)
    const expected = names.map((name) => text(directives[name as keyof typeof directives]))
    const onOff = (values: string[]) => values.map((value) => ({ On: '1', Off: '0', '': '0' })[value] ?? value)
    expect(onOff(JSON.parse(php(others.phpArgs, `echo json_encode(${values});`)))).toEqual(onOff(expected))
    const ini = JSON.stringify(others.ini).replaceAll('$', '\\$')
    expect(JSON.parse(php([], `echo json_encode(parse_ini_string(${ini}));`))).toMatchObject({
      'session.save_path': others.save_path,
      'session.cookie_httponly': '0',
      'session.gc_divisor': '7',
    })
  })

  it('goes on with a seeded session', async () => {
    const others = createTestSessions(options)
    const { id } = await others.seed({ visits: 1 })
    php(others.phpArgs, `session_id('${id}'); session_start(); $_SESSION['visits']++;`)
    expect(await others.read(id)).toEqual({ visits: 2 })
    expect(readdirSync(others.save_path)).toEqual([`sess_${id}`])
  })
})
