import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange } from '../../src/http/exchange.ts'
import { type NodeExchangeOptions, nodeExchange } from '../../src/http/node.ts'
import { type Asking, type Handler, type Protocol, protocols, type Served, serve } from './servers.ts'

const big = 'x'.repeat(1_000_000)
const chunks = () => Readable.from(Array.from({ length: 100 }, () => big.slice(0, 10_000)))

/** Ways to answer, and what the client gets. */
// biome-ignore format: a table
const ways: [what: string, answer: (res: ServerResponse) => unknown, body: string, asking?: Asking][] = [
  ['end with text',                        (res) => res.end('hello'), 'hello'],
  ['end with bytes',                       (res) => res.end(Buffer.from('hello')), 'hello'],
  ['end with an encoding',                 (res) => res.end('h\xe4', 'latin1'), 'h\xe4'],
  ['end with a callback',                  (res) => new Promise<void>((resolve) => { res.end(resolve) }), ''],
  ['end with text and a callback',         (res) => new Promise<void>((resolve) => { res.end('hello', resolve) }), 'hello'],
  ['end without anything',                 (res) => res.end(), ''],
  ['end, twice',                           (res) => res.end('hello').end(), 'hello'],
  ['write and end',                        (res) => { res.write('hel'); res.write(Buffer.from('l')); res.end('o') }, 'hello'],
  ['write, and end later',                 async (res) => { res.write('hello'); await sleep(5); res.end() }, 'hello'],
  ['write all of Content-Length and end much later', async (res) => {
    res.setHeader('Content-Length', 5); res.write('hel'); res.write('lo'); await sleep(200); res.end()
  }, 'hello'],
  ['writeHead with Content-Length, write, end later', async (res) => {
    res.writeHead(200, { 'content-length': 6 }); res.write('h\xe4llo'); await sleep(200); res.end()
  }, 'h\xc3\xa4llo'],
  ['writeHead with a list, write, end later', async (res) => {
    res.writeHead(200, ['Content-Length', '5'] as never); res.write('hello'); await sleep(200); res.end()
  }, 'hello'],
  ['an empty answer whose head is flushed', async (res) => { res.setHeader('Content-Length', 0); res.flushHeaders(); await sleep(200); res.end() }, ''],
  ['flushHeaders, then a body',            async (res) => { res.flushHeaders(); await sleep(5); res.end('hello') }, 'hello'],
  ['pipe',                                 (res) => chunks().pipe(res), big],
  ['pipe with Content-Length',             (res) => { res.setHeader('Content-Length', big.length); chunks().pipe(res) }, big],
  ['pipeline',                             (res) => pipeline(chunks(), res), big],
  ['cork',                                 (res) => { res.cork?.(); res.write('hel'); res.write('lo'); res.uncork?.(); res.end() }, 'hello'],
  ['a 404',                                (res) => { res.statusCode = 404; res.end('no') }, 'no'],
  ['an answer to HEAD',                    (res) => { res.setHeader('Content-Length', 5); res.write('hello'); res.end() }, '', { method: 'HEAD' }],
  ['a flushed answer to HEAD',             async (res) => { res.flushHeaders(); await sleep(200); res.end() }, '', { method: 'HEAD' }],
  ['a 204',                                async (res) => { res.writeHead(204); res.flushHeaders(); await sleep(200); res.end() }, ''],
  ['a 304',                                async (res) => { res.writeHead(304); res.flushHeaders(); await sleep(200); res.end() }, ''],
]

describe.each(protocols)('%s', (protocol) => {
  const start = (answer: Answerer, options?: NodeExchangeOptions) => open(protocol, answer, options)

  it.each(ways)('lets nobody see the end of an answer before it may end: %s', async (_what, answer, body, asking = {}) => {
    const events: string[] = []
    const client = await start((exchange, res) => {
      exchange.beforeEnd(async () => {
        await sleep(30)
        events.push('stored')
      })
      return answer(res)
    })
    const received = await client.ask(asking)
    events.push('received')
    expect(received.body).toBe(body)
    expect(events).toEqual(['stored', 'received'])
  })

  it.each(ways)('needs no detour where nothing has to be waited for: %s', async (_what, answer, body, asking = {}) => {
    const events: string[] = []
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => void events.push('stored'))
      return answer(res)
    })
    expect((await client.ask(asking)).body).toBe(body)
    expect(events).toEqual(['stored'])
  })

  it('shows a redirect only when it may end: clients follow it at once', async () => {
    const events: string[] = []
    const client = await start(async (exchange, res) => {
      exchange.beforeEnd(() => sleep(30).then(() => void events.push('stored')))
      res.writeHead(303, { Location: '/cart' })
      res.flushHeaders()
      res.write('See ')
      await sleep(5)
      res.end('/cart')
    })
    const { status, headers, body } = await client.ask({ onHead: () => events.push('head') })
    expect([status, headers['location'], body]).toEqual([303, '/cart', 'See /cart'])
    expect(events).toEqual(['stored', 'head'])
  })

  it('lets the first bytes of a long answer go while it is made', async () => {
    let release = () => {}
    const client = await start(async (_exchange, res) => {
      res.write('first')
      await new Promise<void>((resolve) => {
        release = resolve
      })
      res.end('last')
    })
    expect((await client.ask({ onHead: () => release() })).body).toBe('firstlast')
  })

  it('runs callbacks in their order, one after the other, also those that come late', async () => {
    const events: string[] = []
    const client = await start((exchange, res) => {
      exchange.beforeEnd(async () => {
        await sleep(10)
        events.push('first')
        expect(exchange.beforeEnd(() => void events.push('third'))).toBe(true)
      })
      exchange.beforeEnd(() => void events.push('second'))
      res.end('hello')
      exchange.beforeEnd(() => void events.push('late'))
    })
    await client.ask()
    expect(events).toEqual(['first', 'second', 'late', 'third'])
  })

  it.each([
    ['at once', () => undefined],
    ['later', () => sleep(5)],
  ])('lets nothing past what it holds, not even from a callback that is done %s', async (_when, work) => {
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => {
        res.end()
        return work() as Promise<void>
      })
      res.end('hello')
    })
    expect((await client.ask()).body).toBe('hello')
  })

  it('keeps the order of what a callback writes, too', async () => {
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => void res.write(' world'))
      res.statusCode = 303
      res.write('hello')
      res.end('!')
    })
    expect((await client.ask()).body).toBe('hello world!')
  })

  it('takes no callback once the answer has ended', async () => {
    const ended = deferred<boolean>()
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => {})
      res.end('hello', () => ended.resolve(exchange.beforeEnd(() => {})))
    })
    await client.ask()
    expect(await ended.promise).toBe(false)
  })

  it('says that the head is sent while the end is held, so that no error handler answers again', async () => {
    const seen: unknown[] = []
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => sleep(10))
      expect([exchange.headersSent, res.headersSent, res.writableEnded]).toEqual([false, false, false])
      res.end('hello')
      seen.push(res.headersSent, res.writableEnded)
      // In time still for a cookie of ours.
      seen.push(exchange.headersSent)
    })
    expect(await client.ask()).toMatchObject({ status: 200, body: 'hello' })
    expect(seen).toEqual([true, true, false])
  })

  it.each([
    ['end', (res: ServerResponse) => void res.end('hello')],
    [
      'the write that is the last',
      (res: ServerResponse) => {
        res.setHeader('Content-Length', 5)
        res.write('hello')
      },
    ],
    ['the head of a redirect', (res: ServerResponse) => void Object.assign(res, { statusCode: 302 }).write('hello')],
  ])('lets nobody change the head behind %s', async (_what, answer) => {
    const client = await start(async (exchange, res) => {
      exchange.beforeEnd(() => sleep(10))
      res.setHeader('X-Early', '1')
      answer(res)
      const late = expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' })
      expect(() => res.setHeader('X-Late', '1')).toThrow(late)
      expect(() => res.appendHeader('X-Late', '1')).toThrow(late)
      expect(() => res.removeHeader('X-Early')).toThrow(late)
      expect(() => res.writeHead(500)).toThrow(late)
      res.statusCode = 500
      await sleep(30)
      res.end()
    })
    const { status, headers, body } = await client.ask()
    expect({ status: status === 302 ? 200 : status, body }).toEqual({ status: 200, body: 'hello' })
    expect([headers['x-early'], headers['x-late']]).toEqual(['1', undefined])
  })

  it('drops what is written behind the end, and says so', async () => {
    const errors: unknown[] = []
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => sleep(10))
      res.end('hello')
      expect(res.write('more', (error) => errors.push(error))).toBe(false)
      res.end('and more', () => errors.push('called'))
      res.end('still more')
    })
    expect((await client.ask()).body).toBe('hello')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_STREAM_WRITE_AFTER_END' }), 'called'])
  })

  it('takes headers and cookies of callbacks', async () => {
    const client = await start((exchange, res) => {
      exchange.beforeEnd(async () => {
        await sleep(5)
        exchange.setHeader('Cache-Control', 'no-store')
        exchange.setCookie('SID=2; path=/')
      })
      exchange.setCookie('SID=1; path=/')
      res.setHeader('Set-Cookie', [String(res.getHeader('Set-Cookie')), 'a=b'])
      res.end('hello')
    })
    const { headers } = await client.ask()
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'set-cookie': ['a=b', 'SID=2; path=/'] })
  })

  it('gives back what others had put into its place', async () => {
    const calls: string[] = []
    const client = await start(async (exchange, res) => {
      exchange.beforeEnd(() => sleep(5))
      const { setHeader } = res
      const own = function (this: ServerResponse, ...given: Parameters<typeof setHeader>) {
        calls.push(given[0])
        return Reflect.apply(setHeader, this, given)
      }
      res.setHeader = own as never
      res.end('hello')
      await sleep(20)
      expect(res.setHeader).toBe(own)
    })
    await client.ask()
  })

  it('lets the answer to HEAD be made as long as that to GET', async () => {
    const events: string[] = []
    const client = await start(async (exchange, res) => {
      exchange.beforeEnd(() => void events.push('stored'))
      res.write('hel')
      await new Promise<void>((resolve) => res.write('lo', () => resolve()))
      events.push('written')
      res.end('!')
    })
    for (const method of ['GET', 'HEAD']) await client.ask({ method })
    expect(events).toEqual(['written', 'stored', 'written', 'stored'])
  })

  it('refuses what is no chunk at once, as without us', async () => {
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => sleep(10))
      expect(() => res.end({} as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
      expect(() => res.write(5 as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
      expect(() => res.write(null)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }))
      res.end('hello')
    })
    expect((await client.ask()).body).toBe('hello')
  })

  it('asks a writer to wait, and tells when it may go on', async () => {
    const events: unknown[] = []
    const client = await start((exchange, res) => {
      exchange.beforeEnd(async () => {
        await sleep(10)
        events.push('stored')
      })
      res.setHeader('Content-Length', 5)
      res.once('drain', () => {
        events.push('drain')
        res.end()
      })
      events.push(res.write('hello', () => events.push('written')))
    })
    expect((await client.ask()).body).toBe('hello')
    expect(events.slice(0, 2)).toEqual([false, 'stored'])
    expect(events.slice(2).sort()).toEqual(['drain', 'written'])
  })

  describe('when a callback fails', () => {
    const failing = new Error('disk full')
    const fails: [how: string, callback: () => Promise<void> | undefined][] = [
      [
        'at once',
        () => {
          throw failing
        },
      ],
      ['later', () => sleep(5).then(() => Promise.reject(failing))],
    ]
    let warning: jest.SpyInstance

    beforeEach(() => {
      warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    })
    afterEach(() => warning.mockRestore())

    it.each(fails)('%s, the client gets a 500 and not the answer', async (_how, callback) => {
      let ended: unknown
      const client = await start((exchange, res) => {
        exchange.setCookie('SID=new')
        exchange.beforeEnd(callback as () => Promise<void>)
        res.setHeader('Content-Type', 'application/json')
        res.end('{"ok":true}', (error?: unknown) => {
          ended = error
        })
      })
      const { status, headers, body } = await client.ask()
      expect([status, headers['content-type'], headers['set-cookie'], body]).toEqual([
        500,
        'text/plain',
        undefined,
        'Internal Server Error',
      ])
      expect(warning.mock.calls).toEqual([[expect.stringMatching(/: Error: disk full$/)]])
      expect(ended).toBe(failing)
    })

    it.each(fails)('%s, a handler for errors may answer instead', async (_how, callback) => {
      let res!: ServerResponse
      const onError = (error: unknown) => {
        expect(res.headersSent).toBe(false)
        res.statusCode = 507
        res.end(`sorry: ${(error as Error).message}`)
      }
      const client = await start(
        (exchange, response) => {
          res = response
          exchange.beforeEnd(callback as () => Promise<void>)
          res.end('hello')
        },
        { onError },
      )
      expect(await client.ask()).toMatchObject({ status: 507, body: 'sorry: disk full' })
      expect(warning).not.toHaveBeenCalled()
    })

    it.each(fails)('%s, and a handler for errors that gives no answer, it is a 500', async (_how, callback) => {
      const client = await start(
        (exchange, res) => {
          exchange.beforeEnd(callback as () => Promise<void>)
          res.end('hello')
        },
        { onError: () => false },
      )
      expect(await client.ask()).toMatchObject({ status: 500, body: 'Internal Server Error' })
      expect(warning.mock.calls).toEqual([[expect.stringMatching(/: Error: disk full$/)]])
    })

    it.each(fails)('%s, an answer that is under way is cut, not completed', async (_how, callback) => {
      const client = await start(async (exchange, res) => {
        exchange.beforeEnd(callback as () => Promise<void>)
        res.write('half of ')
        await sleep(20)
        res.end('it')
      })
      await expect(client.ask()).rejects.toThrow()
      expect(warning.mock.calls).toEqual([[expect.stringMatching(/: Error: disk full$/)]])
    })

    it.each(fails)('%s, the others run all the same', async (_how, callback) => {
      const events: string[] = []
      const client = await start((exchange, res) => {
        exchange.beforeEnd(callback as () => Promise<void>)
        exchange.beforeEnd(() => void events.push('second'))
        res.end()
      })
      expect((await client.ask()).status).toBe(500)
      expect(events).toEqual(['second'])
    })

    it.each(fails)('%s, and the handler for errors as well, the client gets an end', async (_how, callback) => {
      const onError = () => {
        throw new Error('worse')
      }
      const client = await start(
        (exchange, res) => {
          exchange.beforeEnd(callback as () => Promise<void>)
          res.end('hello')
        },
        { onError },
      )
      await expect(client.ask()).rejects.toThrow()
      expect(warning.mock.calls).toEqual([[expect.stringMatching(/: Error: worse$/)]])
    })
  })

  describe('when all is over', () => {
    it('says so once, after an answer', async () => {
      const closed = deferred<void>()
      let times = 0
      const client = await start((exchange, res) => {
        exchange.onClose(() => {
          times++
          closed.resolve()
        })
        res.end('hello')
      })
      await client.ask()
      await closed.promise
      await sleep(10)
      expect(times).toBe(1)
    })

    it('says so soon to those who ask later', async () => {
      const late = deferred<void>()
      const client = await start((exchange, res) => {
        exchange.onClose(() => exchange.onClose(late.resolve))
        res.end('hello')
      })
      await client.ask()
      await late.promise
    })
  })

  it('gives the same exchange again, and the request as its key', async () => {
    const client = await start((exchange, res) => {
      expect(nodeExchange(res.req, res)).toBe(exchange)
      expect(exchange.key).toBe(res.req)
      res.end()
    })
    await client.ask()
  })

  it('reads cookies, query, Referer and form', async () => {
    let exchange!: Exchange
    const client = await start((each, res) => {
      exchange = each
      Object.assign(res.req, { body: { a: '1', list: ['x'], nested: { a: 'x' } } })
      res.end()
    })
    await client.ask({ path: '/cart?a=%20b&c?d', headers: { cookie: 'a=1; b=2', referer: 'https://shop.example/' } })
    expect(exchange).toMatchObject({ cookieHeader: 'a=1; b=2', queryString: 'a=%20b&c?d', referer: 'https://shop.example/' })
    expect(['a', 'list', 'nested', 'none', 'toString', '__proto__'].map((name) => exchange.form(name))).toEqual([
      '1',
      ...Array(5),
    ])
    await client.ask()
    expect(exchange).toMatchObject({ cookieHeader: '', queryString: '', referer: undefined })
  })

  it('reads a form that is URLSearchParams, and none that was not parsed', async () => {
    const seen: unknown[] = []
    const client = await start((exchange, res) => {
      for (const body of [new URLSearchParams('a=1&a=2'), undefined, null, 'a=1', Buffer.from('a=1')]) {
        Object.assign(res.req, { body })
        seen.push(exchange.form('a'))
      }
      res.end()
    })
    await client.ask()
    expect(seen).toEqual(['2', undefined, undefined, undefined, undefined])
  })

  const other = 'theme=dark'
  // biome-ignore format: a table
  const cookieWays: [what: string, answer: (res: ServerResponse) => void, cookies: string[] | undefined][] = [
    ['nothing else is set',              (res) => res.end(), ['SID=b']],
    ['a header is appended',             (res) => { res.appendHeader('Set-Cookie', other); res.end() }, ['SID=b', other]],
    ['setHeader forgets it',             (res) => { res.setHeader('Set-Cookie', other); res.end() }, [other, 'SID=b']],
    ['setHeader forgets it, flushed',    (res) => { res.setHeader('Set-Cookie', [other]); res.flushHeaders(); res.end() }, [other, 'SID=b']],
    ['setHeader forgets it, written',    (res) => { res.setHeader('Set-Cookie', [other]); res.write('a'); res.end() }, [other, 'SID=b']],
    ['writeHead forgets it',             (res) => { res.writeHead(200, { 'set-cookie': other }); res.end() }, [other, 'SID=b']],
    ['writeHead has others',             (res) => { res.writeHead(200, { 'X-Other': '1' }); res.end() }, ['SID=b']],
    ['another of its name is meant',     (res) => { res.setHeader('Set-Cookie', 'SID=deleted; Max-Age=0'); res.end() }, ['SID=deleted; Max-Age=0']],
    ['writeHead means another',          (res) => { res.writeHead(200, { 'Set-Cookie': 'SID=mine' }); res.end() }, ['SID=mine']],
    ['the header is removed',            (res) => { res.removeHeader('Set-Cookie'); res.end() }, undefined],
  ]

  it.each(cookieWays)('sends the last cookie of a name when %s', async (_what, answer, cookies) => {
    const client = await start((exchange, res) => {
      exchange.setCookie('SID=a')
      exchange.setCookie('SID=b')
      answer(res)
    })
    expect((await client.ask()).headers['set-cookie']).toEqual(cookies)
  })

  it('takes back a cookie of its name that was there before, and leaves others alone', async () => {
    const client = await start((exchange, res) => {
      res.setHeader('Set-Cookie', ['SID=old', other])
      exchange.setCookie('SID=new')
      exchange.setHeader('Pragma', 'no-cache')
      res.end()
    })
    const { headers } = await client.ask()
    expect(headers['set-cookie']).toEqual([other, 'SID=new'])
    expect(headers['pragma']).toBe('no-cache')
  })
})

describe('HTTP/1', () => {
  const start = (answer: Answerer) => open('HTTP/1.1', answer)

  it('keeps the connection, request after request', async () => {
    const ports = new Set<number | undefined>()
    const { port } = await start((exchange, res) => {
      ports.add(res.req.socket.remotePort)
      exchange.setCookie('SID=a')
      exchange.beforeEnd(() => sleep(1))
      exchange.onClose(() => {})
      res.end('hello')
    })
    const requests = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20)
    const received = await talk(port, `${requests}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(received.match(/^Content-Length: 5\r\n/gm)).toHaveLength(21)
    expect(ports.size).toBe(1)
  })

  it('says 500 and what that is, where writeHead had said 200 and OK', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockReturnValue()
    const { port } = await start((exchange, res) => {
      exchange.beforeEnd(() => sleep(1).then(() => Promise.reject(new Error('disk full'))))
      res.writeHead(200)
      res.end('hello')
    })
    const received = await talk(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(received).toMatch(/^HTTP\/1\.1 500 Internal Server Error\r\n/)
    warning.mockRestore()
  })

  it('answers HTTP/1.0', async () => {
    const events: string[] = []
    const { port } = await start((exchange, res) => {
      exchange.beforeEnd(() => sleep(10).then(() => void events.push('stored')))
      res.write('hel')
      res.end('lo')
    })
    expect(await talk(port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/\r\n\r\nhello$/)
    expect(events).toEqual(['stored'])
  })

  it('cuts the connection where what was held cannot be sent', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const client = await start((exchange, res) => {
      exchange.beforeEnd(() => sleep(5))
      res.statusCode = 99
      res.end('hello')
    })
    await expect(client.ask()).rejects.toThrow('socket hang up')
    expect(warning.mock.calls).toEqual([[expect.stringContaining('Invalid status code: 99')]])
    warning.mockRestore()
  })

  it('keeps what writeHead is given as a list, and the cookies with it', async () => {
    const client = await start((exchange, res) => {
      exchange.setCookie('SID=a')
      res.writeHead(201, 'Made', ['Link', '<1>', 'Set-Cookie', 'theme=dark', 'X-Two', '2'] as never)
      res.end('hello')
    })
    const { status, headers } = await client.ask()
    expect(status).toBe(201)
    expect(headers).toMatchObject({ link: '<1>', 'x-two': '2', 'set-cookie': ['theme=dark', 'SID=a'] })
  })

  // biome-ignore format: a table
  const leaving: [when: string, answer: (res: ServerResponse) => void][] = [
    ['before anything was sent',       () => {}],
    ['in the middle of an answer',     (res) => { res.write('half of ') }],
    ['while the end is held',          (res) => { res.end('hello') }],
    ['while a last write is held',     (res) => { res.setHeader('Content-Length', 5); res.write('hello') }],
  ]

  it.each(leaving)('notices once that the client has gone %s, and the handler may end as usual', async (_when, answer) => {
    const events: string[] = []
    const closed = deferred<void>()
    const stored = deferred<void>()
    let response!: ServerResponse
    const { port } = await start((exchange, res) => {
      response = res
      exchange.onClose(() => {
        events.push('closed')
        closed.resolve()
      })
      exchange.beforeEnd(async () => {
        await closed.promise
        await sleep(5)
        events.push('stored')
        stored.resolve()
      })
      answer(res)
      setTimeout(() => socket.destroy(), 10)
    })
    const socket = connect(port).on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await closed.promise
    response.write('more')
    response.end('the end')
    await stored.promise
    await sleep(5)
    expect(events).toEqual(['closed', 'stored'])
  })

  it('says once that all is over to those who ask in the very moment', async () => {
    let times = 0
    const client = await start((exchange, res) => {
      res.req.socket.destroy()
      exchange.onClose(() => void times++)
    })
    await expect(client.ask()).rejects.toThrow()
    await sleep(20)
    expect(times).toBe(1)
  })

  it('notices that the client has gone while an answer waits for its turn', async () => {
    const gone = [deferred<void>(), deferred<void>()]
    let count = 0
    const { port } = await start((exchange) => {
      exchange.onClose(gone[count++]!.resolve)
      if (count === 2) setTimeout(() => socket.destroy(), 5)
    })
    const socket = connect(port).on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2))
    await Promise.all(gone.map(({ promise }) => promise))
    expect(count).toBe(2)
  })
})

type Answerer = (exchange: Exchange, res: ServerResponse) => unknown

const opened: Served[] = []
afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())))

/** What goes wrong in the handler, goes wrong in the test. */
async function open(protocol: Protocol, answer: Answerer, options?: NodeExchangeOptions): Promise<Served> {
  let failure: { error: unknown } | undefined
  const handler: Handler = async (req, res) => {
    try {
      await answer(nodeExchange(req, res, options), res)
    } catch (error) {
      failure ??= { error }
      res.destroy()
    }
  }
  const client = await serve(protocol, handler)
  opened.push(client)
  return {
    ...client,
    async ask(asking) {
      const result = await client.ask(asking).catch((error) => {
        throw failure?.error ?? error
      })
      if (failure !== undefined) throw failure.error
      return result
    },
  }
}

/** Sends this, and gives what comes until the server closes. */
async function talk(port: number, bytes: string): Promise<string> {
  const socket = connect(port)
  socket.write(bytes)
  let received = ''
  for await (const chunk of socket.setEncoding('latin1')) received += chunk
  return received
}

function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
