import fc from 'fast-check'
import { boundaryOf, multipartEvents } from '../../src/session/multipart-events.ts'
import { check } from '../support/random.ts'
import { asking, boundary, cut, file, multipart, type Part } from './support/uploads.ts'

/** The events of a body that comes in these chunks, a line each; data that comes in pieces is one line. */
function eventsOf(...chunks: readonly Buffer[]): string[] {
  const lines: string[] = []
  let length = 0
  const say = (line: string) => {
    if (length > 0) lines.push(`data ${length}`)
    length = 0
    lines.push(line)
  }
  const take = multipartEvents(boundary, ['PHP_SESSION_UPLOAD_PROGRESS'], {
    field: (_name, value) => say(`field ${value}`),
    fileStart: (fieldName, fileName) => say(`file ${fieldName} ${fileName}`),
    fileData(more) {
      length += more
    },
    fileEnd: () => say('end'),
    close: () => say('close'),
  })
  for (const chunk of chunks) take(chunk)
  return length > 0 ? [...lines, `data ${length}`] : lines
}

// biome-ignore format: a table
const bodies: [what: string, parts: Part[], events: string[]][] = [
  ['nothing',                           [],                                               ['close']],
  ['the field',                         [asking('it')],                                   ['field it', 'close']],
  ['another field',                     [['name="a"', 'b']],                              ['close']],
  ['a file',                            [file('a', 'abc')],                               ['file a a.txt', 'data 3', 'end', 'close']],
  ['an empty file',                     [file('a', '')],                                  ['file a a.txt', 'end', 'close']],
  ['no file chosen',                    [['name="a"; filename=""']],                      ['file a ', 'end', 'close']],
  ['files without a name of the field', [['filename="x"', '1'], ['filename="y"', '2']],   ['file 0 x', 'data 1', 'end', 'file 1 y', 'data 1', 'end', 'close']],
  ['the field, a file, a field',        [asking('it'), file('a', 'abc'), ['name="z"']],   ['field it', 'file a a.txt', 'data 3', 'end', 'close']],
  ['line breaks and dashes in a file',  [file('a', '\r\n--X\r\n\r\n--XBOUNDARY\r\n--')],  ['file a a.txt', 'data 24', 'end', 'close']],
  ['a path as name',                    [['name="a"; filename="C:\\dir\\x.txt"', '1']],   ['file a C:\\dir\\x.txt', 'data 1', 'end', 'close']],
  ['quotes in names',                   [['name="a\\"b"; filename="c\\\\d\\"e"', '1']],   ['file a"b c\\d"e', 'data 1', 'end', 'close']],
  ['single quotes',                     [["name='a'; filename='it\\'s'", '1']],           ["file a it's", 'data 1', 'end', 'close']],
  ['no quotes',                         [['name=a; filename=x.txt', '1']],                ['file a x.txt', 'data 1', 'end', 'close']],
  ['another order, another case',       [['FILENAME="x"; Name="a"', '1']],                ['file a x', 'data 1', 'end', 'close']],
  ['a parameter twice',                 [['name="a"; filename="x"; name="b"', '1']],      ['file b x', 'data 1', 'end', 'close']],
  ['a semicolon in a name',             [['name="a; filename=x"; filename="y;z"', '1']],  ['file a; filename=x y;z', 'data 1', 'end', 'close']],
  ['bytes that are no UTF-8',           [['name="\xe4"; filename="\xff"', '1']],          ['file \xe4 \xff', 'data 1', 'end', 'close']],
  ['filename*, which PHP does not know', [["name=\"a\"; filename*=UTF-8''x", '1']],       ['close']],
  ['a type without a file name',        [['name="a"', '1', 'Content-Type: application/octet-stream\r\n']], ['close']],
  ['a value that is a name no longer',  [asking('x'.repeat(4097)), asking('y')],          ['field y', 'close']],
]

describe('the events of a multipart body', () => {
  it.each(bodies)('%s', (_what, parts, events) => {
    expect(eventsOf(multipart(...parts))).toEqual(events)
  })

  it.each(bodies)('are the same byte by byte: %s', (_what, parts, events) => {
    expect(eventsOf(...cut(multipart(...parts), 1))).toEqual(events)
  })

  it('are the same however the body is cut', () => {
    const body = multipart(
      asking('it'),
      file('a', '\r\n--XBOUND\r\n'.repeat(20)),
      ['name="z"', 'z'],
      file('b', Buffer.alloc(3000)),
    )
    const whole = eventsOf(body)
    check(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        expect(eventsOf(...cut(body, ...sizes))).toEqual(whole)
      }),
    )
  })

  it('come before the call returns', () => {
    const body = multipart(asking('it'), file('a', 'abc'))
    const middle = body.indexOf('abc') + 1
    expect(eventsOf(body.subarray(0, middle))).toEqual(['field it', 'file a a.txt', 'data 1'])
  })

  it('are none where there is no multipart', () => {
    check(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 })), (chunks) => {
        expect(eventsOf(...chunks.map((chunk) => Buffer.from(chunk)))).toEqual([])
      }),
    )
  })

  it('take any damage to a body', () => {
    const body = multipart(asking('it'), file('a', 'abc'), file('b', 'def'))
    check(
      fc.property(
        fc.nat(body.length - 1),
        fc.nat(40),
        fc.uint8Array({ maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (at, gone, put, size) => {
          const damaged = Buffer.concat([body.subarray(0, at), put, body.subarray(at + gone)])
          expect(() => eventsOf(...cut(damaged, size))).not.toThrow()
        },
      ),
    )
  })
})

// biome-ignore format: a table
const types: [type: string, boundary: string | undefined][] = [
  ['multipart/form-data; boundary=abc',                 'abc'],
  ['multipart/form-data; boundary="a;b,c"',             'a;b,c'],
  ['multipart/form-data; boundary=abc; charset=utf-8',  'abc'],
  ['multipart/form-data; charset=utf-8; boundary=abc',  'abc'],
  ['Multipart/Form-Data;BOUNDARY=abc ',                 'abc'],
  ['multipart/form-data, boundary=abc',                 'abc'],
  [`multipart/form-data; boundary=${'x'.repeat(252)}`,  'x'.repeat(252)],
  [`multipart/form-data; boundary=${'x'.repeat(253)}`,  undefined],
  ['multipart/form-data; boundary=""',                  undefined],
  ['multipart/form-data; boundary=',                    undefined],
  ['multipart/form-data; boundary="abc',                undefined],
  ['multipart/form-data',                               undefined],
  ['multipart/form-dataset; boundary=abc',              undefined],
  ['multipart/mixed; boundary=abc',                     undefined],
  ['application/x-www-form-urlencoded',                 undefined],
  ['',                                                  undefined],
]

describe('the boundary in a Content-Type', () => {
  it.each(types)('%s', (type, expected) => {
    expect(boundaryOf(type)).toBe(expected)
  })

  it('can be as long as it says', () => {
    expect(() =>
      multipartEvents(boundaryOf(`multipart/form-data; boundary=${'x'.repeat(252)}`)!, ['name'], {} as never),
    ).not.toThrow()
  })
})
