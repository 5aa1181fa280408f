/**
 * What is in a multipart body, while it passes by: the events that main/rfc1867.c has for those who look on
 * (`php_rfc1867_callback`). Names and values have one character per byte; of a file's contents only the length is told.
 */
export interface MultipartEvents {
  /** A field that is looked for, complete. */
  field(name: string, value: string): void
  /** A part with a file name, which may be empty; what comes until `fileEnd` is its. */
  fileStart(fieldName: string, fileName: string): void
  fileData(length: number): void
  fileEnd(): void
  /** The closing delimiter: what still comes has no meaning. */
  close(): void
}

/** A longer value of a field is none: it is to be a name in `$_SESSION`, or an id. */
const LONGEST_VALUE = 4096

/** What the parser can look for; RFC 2046 allows 70. */
const LONGEST_BOUNDARY = 252

/**
 * The boundary in a Content-Type, as `rfc1867_post_handler` finds it: behind the first `=` behind the word, in quotes or up to the next
 * `,` or `;`. Undefined for all but multipart/form-data with a boundary of at most 252 bytes.
 */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data *(?:[;,]|$)/i.test(contentType)) return undefined
  const [, quoted, bare] = /boundary[^=]*=(?:"([^"]*)"|([^",;][^,;]*))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare?.trim() ?? ''
  return boundary !== '' && Buffer.byteLength(boundary) <= LONGEST_BOUNDARY ? boundary : undefined
}

/**
 * A function that takes the body chunk by chunk, and tells what is in a chunk before it returns. Chunks are neither kept nor copied.
 * What is no multipart has no events.
 */
export function multipartEvents(boundary: string, fields: readonly string[], events: MultipartEvents): (chunk: Buffer) => void {
  // Not imported above: who receives no uploads, does without it.
  const { Dicer } = require('@fastify/busboy') as typeof import('@fastify/busboy')
  const parser = new Dicer({ boundary })
  let anonymous = 0

  const readerFor = (disposition: string) => {
    const { name, filename } = parametersOf(disposition)
    if (filename !== undefined) return fileReader(name ?? String(anonymous++), filename, events)
    return name !== undefined && fields.includes(name) ? fieldReader(name, events) : undefined
  }
  parser.on('part', (part) => {
    let reader: PartReader | undefined
    part.once('header', (header: Readonly<Record<string, readonly string[]>>) => {
      reader = readerFor(header['content-disposition']?.[0] ?? '')
    })
    // Instead of what a stream does with it: so the events come at once and in the body's order, and there is no buffer to fill up.
    part.push = (data: Buffer | null) => {
      if (data !== null) {
        reader?.data(data)
      } else {
        reader?.end()
        part.emit('end')
      }
      return true
    }
  })
  parser.once('finish', () => events.close())
  return (chunk) => void parser.write(chunk)
}

interface PartReader {
  data(data: Buffer): void
  end(): void
}

function fileReader(fieldName: string, fileName: string, events: MultipartEvents): PartReader {
  events.fileStart(fieldName, fileName)
  return { data: ({ length }) => events.fileData(length), end: () => events.fileEnd() }
}

function fieldReader(name: string, events: MultipartEvents): PartReader {
  let value = ''
  let length = 0
  return {
    data(data) {
      length += data.length
      if (length <= LONGEST_VALUE) value += data.toString('latin1')
    },
    end() {
      if (length <= LONGEST_VALUE) events.field(name, value)
    },
  }
}

/** What a Content-Disposition says, by PHP's rules (`php_ap_getword`): names in any case, either quotes, the last one counts. */
function parametersOf(disposition: string): { name?: string; filename?: string } {
  const found: Record<string, string> = {}
  for (const [, key, double, single, bare] of disposition.matchAll(PARAMETER)) {
    found[key!.toLowerCase()] = (double ?? single ?? bare!).replace(double !== undefined ? /\\([\\"])/g : /\\([\\'])/g, '$1')
  }
  return found
}

const PARAMETER = /(?:^|;)\s*([^=;]+)=\s*(?:"((?:[^"\\]|\\.)*)|'((?:[^'\\]|\\.)*)|([^\s;]*))/gs
