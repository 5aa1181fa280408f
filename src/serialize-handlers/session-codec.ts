import { toBuffer } from '../php/unserialize.ts'
import { type CodecOptions, variablesIn } from './serialize-handler.ts'
import { serializeHandler } from './serialize-handlers.ts'

export interface SessionCodecOptions extends CodecOptions {
  /** `php` (the default), `php_binary` or `php_serialize`, as session.serialize_handler. */
  readonly serialize_handler?: string | undefined
}

/**
 * All of a session's variables as a plain object: session_decode(). `encodeSession` turns it back into the same bytes.
 * @throws UnserializeError where PHP would destroy the session: with offset and key path
 */
export function decodeSession(bytes: Uint8Array | string, options: SessionCodecOptions = {}): Record<string, unknown> {
  const { serialize_handler, ...codecOptions } = checked(options)
  return serializeHandler(serialize_handler).decode(toBuffer(bytes, options.charset), codecOptions)
}

/**
 * Variables as the bytes of a session: session_encode().
 * @throws SessionError INVALID_KEY for a key that PHP could not write; TypeError for a value PHP cannot hold, with its key path
 */
export function encodeSession(vars: object, options: SessionCodecOptions = {}): Buffer {
  const { serialize_handler, ...codecOptions } = checked(options)
  return serializeHandler(serialize_handler).encode(variablesIn(vars), codecOptions)
}

function checked(options: SessionCodecOptions): SessionCodecOptions {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`Unknown option '${name}': use ${OPTIONS.join(', ')}`)
  }
  return options
}

const OPTIONS: readonly string[] = ['serialize_handler', 'charset', 'classes'] satisfies (keyof SessionCodecOptions)[]
