import { serializeHandler } from '../../src/serialize-handlers/serialize-handlers.ts'
import { storedSession } from './support/memory-session.ts'

/** What `session.decode` does to variables there are. What PHP does with the same bytes: compatibility.test.ts. */

describe('decode', () => {
  // biome-ignore format: a table
  const rows: [what: string, handler: string, before: string, given: string, after: string][] = [
    ['adds variables', 'php', 'a|i:1;', 'b|i:2;', 'a|i:1;b|i:2;'],
    ['replaces those of the same name where they are', 'php', 'a|i:1;b|i:2;', 'a|s:1:"x";', 'a|s:1:"x";b|i:2;'],
    ['keeps what is float a float', 'php', 'a|i:1;', 'b|d:1;c|d:0.10000000000000001;', 'a|i:1;b|d:1;c|d:0.10000000000000001;'],
    ['forgets that a place held a float', 'php', 'a|d:1;b|d:2;', 'a|i:1;', 'a|i:1;b|d:2;'],
    ['moves references behind what is there', 'php', 'a|a:1:{i:0;i:1;}', 'b|i:1;c|R:1;', 'a|a:1:{i:0;i:1;}b|i:1;c|R:3;'],
    ['takes a variable out of its references', 'php', 'a|i:1;b|R:1;c|R:1;', 'a|i:2;', 'a|i:2;b|i:1;c|R:2;'],
    ['keeps the same object the same', 'php', 'a|i:1;', 'b|O:8:"stdClass":0:{}c|r:1;', 'a|i:1;b|O:8:"stdClass":0:{}c|r:2;'],
    ['takes a variable __proto__', 'php', 'a|i:1;', '__proto__|a:1:{i:0;i:1;}', 'a|i:1;__proto__|a:1:{i:0;i:1;}'],
    ['takes a key that could not be assigned', 'php', 'a|i:1;', '5|i:2;', 'a|i:1;5|i:2;'],
    ['takes the last of two of one name', 'php', 'a|i:1;', 'b|i:1;b|i:2;', 'a|i:1;b|i:2;'],
    ['does nothing with nothing', 'php', 'a|i:007;', '', 'a|i:007;'],
    ['adds in php_binary', 'php_binary', '\x01ai:1;', '\x01bd:2;', '\x01ai:1;\x01bd:2;'],
    ['replaces all in php_serialize', 'php_serialize', 'a:1:{s:1:"a";i:1;}', 'a:1:{s:1:"b";d:2;}', 'a:1:{s:1:"b";d:2;}'],
    ['removes all in php_serialize', 'php_serialize', 'a:1:{s:1:"a";i:1;}', '', 'a:0:{}'],
  ]

  it.each(rows)('%s (%s)', async (_what, serialize_handler, before, given, after) => {
    const { start, stored } = await storedSession(before, { serialize_handler })
    const session = await start()
    session.decode(Buffer.from(given))
    expect(session.encode().toString()).toBe(after)
    await session.commit()
    expect(await stored()).toBe(after)
  })

  it('goes on with the objects that were handed out', async () => {
    const session = await (await storedSession('cart|a:0:{}n|i:1;')).start()
    const cart = session.$_SESSION['cart']
    session.decode(Buffer.from('n|i:2;'))
    cart.push('mug')
    expect(session.$_SESSION['cart']).toBe(cart)
    expect(session.encode().toString()).toBe('cart|a:1:{i:0;s:3:"mug";}n|i:2;')
  })

  it('gives all names of a variable the value that one of them is given', async () => {
    const session = await (await storedSession('n|i:1;')).start()
    session.decode(Buffer.from('a|i:1;b|R:1;'))
    session.$_SESSION['b'] = 5
    expect(session.$_SESSION['a']).toBe(5)
    expect(session.encode().toString()).toBe('n|i:1;a|i:5;b|R:2;')
  })

  it('does not keep the bytes it was given', async () => {
    const session = await (await storedSession('')).start()
    const bytes = Buffer.from('a|s:1:"x";')
    session.decode(bytes)
    bytes.fill(0)
    expect(session.$_SESSION).toEqual({ a: 'x' })
  })

  it('changes nothing where PHP would destroy the session', async () => {
    const { start, stored } = await storedSession('a|i:1;')
    const session = await start()
    expect(() => session.decode(Buffer.from('a|i:2;b|i:x;'))).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', offset: 10 }),
    )
    expect(session.status).toBe('active')
    await session.commit()
    expect(await stored()).toBe('a|i:1;')
  })
})

describe('a session of very many keys', () => {
  it('that are all one variable takes no longer for each: else, this would not end', () => {
    const keys = Array.from({ length: 150_000 }, (_, index) => `k${index}|R:1;`)
    const bytes = Buffer.from(`a|a:1:{i:0;i:1;}${keys.join('')}`)
    const vars = serializeHandler('php').open(bytes, {})
    vars.set('first', 1)
    ;(vars.get('k7') as unknown[]).push(2)
    expect(vars.encode().length).toBeGreaterThan(bytes.length)
  })
})
