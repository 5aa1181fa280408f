import { detectSerializeHandler, serializeHandler } from '../../src/serialize-handlers/serialize-handlers.ts'
import { decodeSession, encodeSession } from '../../src/serialize-handlers/session-codec.ts'
import { fixtures } from '../oracle/fixtures.ts'

describe.each(fixtures())('$name, written by PHP $php as $handler', ({ handler, bytes, name }) => {
  const open = () => serializeHandler(handler).open(bytes, {})

  it('is written back byte for byte', () => {
    const vars = decodeSession(bytes, { serialize_handler: handler })
    expect(encodeSession(vars, { serialize_handler: handler }).toString('latin1')).toBe(bytes.toString('latin1'))
  })

  it('keeps its bytes when only looked at', () => {
    const vars = open()
    for (const key of vars.keys()) vars.get(key)
    expect(vars.encode().toString('latin1')).toBe(bytes.toString('latin1'))
  })

  it('keeps the bytes of all other keys when one is touched', () => {
    const keys = open().keys()
    for (const key of keys) {
      const vars = open()
      vars.set('zzz', 1)
      vars.get(key)
      vars.delete('zzz')
      expect(vars.encode().toString('latin1')).toBe(bytes.toString('latin1'))
    }
  })

  it('is recognised', () => {
    if (bytes.length > 0 && name !== 'empty') expect(detectSerializeHandler(bytes)).toBe(handler)
  })
})
