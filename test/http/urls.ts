import fc from 'fast-check'

/** Random URLs, put together from parts. */

// biome-ignore format: a table
const parts = {
  segment:   ['', '.', '..', 'a', 'b c', 'é日', 'x.php', 'x:y', '%2F', ';v=1', ',~', "o'clock", 'a"b>c<d', '&amp;', '$*()!@[]'],
  query:     ['', '', '?', '?a=1', '?a=1&b=2', '?a&amp;b', '?PHPSESSID=x', '?to=http://evil.example/', '?at=12:30', '?a?b', '?/'],
  fragment:  ['', '', '#', '#f', '#f#g', '#f?g', '#a/b:80'],
  scheme:    ['//', 'http://', 'https://', 'HTTP://', 'ftp://'],
  user:      ['', '', 'me@', 'a@b%40@'],
  host:      ['', 'other.example', 'OTHER.Example', 'shop.example', 'Shop.example', 'evil.example', '[::1]', 'exämple.com', '127.0.0.1'],
  port:      ['', '', ':80', ':8080', ':65535', ':65536', ':123456'],
  slash:     ['', '/'],
  lead:      ['/', './', '../', '?', '#'],
  colon:     ['a:80', 'w/Unix:80', 'w/Unix:80/', 'a/b:123456', ':80', ':', 'mailto:a@b', 'tel:123', 'javascript:a?b', 'data:,', '1:2'],
  character: ['/', '\\', ':', '@', '?', '#', '%', '[', ']', ' ', '\t', '\n', '\0', '.', '1', 'a', '。', '／'],
  word:      ['http', 'https:', 'javascript:', '//', 'other.example', 'evil.example', '%2F', '%5C'],
} as const

const some = (name: keyof typeof parts) => fc.constantFrom<string>(...parts[name])
const joined = (...all: fc.Arbitrary<string>[]) => fc.tuple(...all).map((texts) => texts.join(''))

const segments = fc.array(some('segment'), { maxLength: 3 }).map((all) => all.join('/'))
const authority = joined(some('scheme'), some('user'), some('host'), some('port'))
const relative = fc.oneof(segments, joined(some('lead'), segments), some('colon'))

/** URLs that people write, and their neighbours: none of those that PHP breaks or a browser reads otherwise than PHP. */
export const ordinaryUrl = fc.oneof(
  joined(authority, some('slash'), some('query'), some('fragment')),
  joined(authority, fc.constant('/'), segments, some('query'), some('fragment')),
  joined(relative, some('query'), some('fragment')),
)

/** URLs of parts about which PHP and browsers disagree. */
export const hostileUrl = fc.array(fc.oneof(some('character'), some('word')), { maxLength: 9 }).map((all) => all.join(''))
