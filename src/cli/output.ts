import pico from 'picocolors'
import stringWidth from 'string-width'
import { printable } from '../inspect/quote.ts'
import type { Results } from './results.ts'

type Colors = ReturnType<typeof pico.createColors>

/** What a command prints to; `process` is one. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly env: NodeJS.ProcessEnv
}

/** The options of all commands that print. */
export interface OutputOptions {
  readonly json?: boolean
  readonly fullIds?: boolean
  readonly reveal?: boolean
  /** Undefined: by what the terminal can. */
  readonly color?: boolean
}

/** What commands say, and how: in colours where there is a terminal for them, as JSON for machines. */
export class Output {
  readonly terminal: Terminal
  readonly options: OutputOptions
  readonly colors: Colors
  readonly #results: Results
  /** Somebody looks on: a progress line may be written over. */
  readonly isLive: boolean
  #hasProgress = false

  constructor(terminal: Terminal, options: OutputOptions, results: Results) {
    this.terminal = terminal
    this.#results = results
    this.options = options
    this.colors = pico.createColors(options.color ?? hasColors(terminal))
    this.isLive = terminal.stderr.isTTY === true && terminal.env['TERM'] !== 'dumb'
  }

  get isJson(): boolean {
    return this.options.json === true
  }

  /** In characters. A pipe has no width. */
  get width(): number {
    return this.terminal.stdout.columns ?? Number.POSITIVE_INFINITY
  }

  /** Waits while the reader is slow, so that a hundred thousand lines do not pile up. */
  async line(text = ''): Promise<void> {
    this.endProgress()
    await this.#results.write(`${text}\n`)
  }

  /** From here on something is changed, and that is done to its end, whether or not anybody reads what is printed. */
  keepOn(): void {
    this.#results.keepOn()
  }

  /** One JSON document. */
  async json(value: unknown): Promise<void> {
    await this.#json(value, 2)
  }

  /** One JSON document per line, for what comes one by one. */
  async jsonLine(value: unknown): Promise<void> {
    await this.#json(value, 0)
  }

  /** In a terminal with this indentation, and such that it is only read there. */
  async #json(value: unknown, indentation: number): Promise<void> {
    const isTerminal = this.terminal.stdout.isTTY === true
    const text = JSON.stringify(value, plain, isTerminal ? indentation : 0)
    await this.line(isTerminal ? text.replace(OBEYED, escaped) : text)
  }

  /** For people, beside the output. */
  note(text: string): void {
    this.endProgress()
    this.terminal.stderr.write(`${text}\n`)
  }

  /** How far long work is, on a line that is written over; nothing where nobody looks on. */
  progress(text: string): void {
    if (!this.isLive) return
    this.terminal.stderr.write(`\r\x1b[K${text}`)
    this.#hasProgress = true
  }

  endProgress(): void {
    if (this.#hasProgress) this.terminal.stderr.write('\r\x1b[K')
    this.#hasProgress = false
  }

  /** An id as it may be shown. */
  id(id: string): string {
    return this.options.fullIds === true ? id : shortId(id)
  }
}

/** Enough to tell sessions apart, too little to take one over. */
export function shortId(id: string): string {
  return id.length <= 8 ? `${id.slice(0, 2)}…` : `${id.slice(0, 8)}…`
}

/**
 * A path as it may be shown, and as a terminal may get it: of the file's name, what follows `sess_` is shortened, and whatever else is as long
 * as an id.
 */
export function pathText(path: string, isFull = false): string {
  const [, folder = '', name = ''] = /^(.*[/\\])?(.*)$/s.exec(path) ?? []
  return printable(isFull ? path : folder + name.replace(/(?<=sess_)[^.]+|[\da-zA-Z,-]{22,}/g, shortId))
}

/** Fills or cuts a text to a width in columns, in which a Chinese character takes two. */
export function column(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fitted = widthOf(text) > width ? cut(text, width) : text
  const filling = ' '.repeat(width - widthOf(fitted))
  return align === 'left' ? fitted + filling : filling + fitted
}

/** In columns. Nearly all texts are ASCII, each character one. */
export function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text)
}

function cut(text: string, width: number): string {
  let result = ''
  for (const character of text) {
    if (widthOf(result + character) > width - 1) break
    result += character
  }
  return `${result}…`
}

/** `532 B`, `1.2 kB`, `3.4 MB`. */
export function bytes(count: number): string {
  const [unit, size] = count < 1000 ? ['B', 1] : count < 1_000_000 ? ['kB', 1e3] : count < 1e9 ? ['MB', 1e6] : ['GB', 1e9]
  return `${count < 1000 ? count : (count / (size as number)).toFixed(1)} ${unit}`
}

/** `12 s`, `5 min`, `3 h`, `8 d`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min`
  return whole < 172_800 ? `${Math.floor(whole / 3600)} h` : `${Math.floor(whole / 86_400)} d`
}

function hasColors({ stdout, env }: Terminal): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
  return stdout.isTTY === true && env['TERM'] !== 'dumb'
}

/** Characters that JSON lets stand and that a terminal may obey. */
const OBEYED = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** JSON has no big integers. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
