/** A PHP that exists as a WebAssembly build. */
export type PhpVersion = '5.2' | '7.4' | '8.0' | '8.1' | '8.2' | '8.3' | '8.4' | '8.5'

/** The WebAssembly builds, oldest first. */
export declare const phpVersions: readonly PhpVersion[]

/** Where the installed `php` is, or undefined. */
export declare const nativePhp: string | undefined

export interface OpenPhpOptions {
  /** Folders of the host which a WebAssembly PHP shall see, under the same absolute path; the native PHP sees all of them anyway. */
  readonly mounts?: readonly string[]
  /** Directives by their full name, such as `session.serialize_handler`. */
  readonly ini?: Readonly<Record<string, string>>
}

/**
 * Starts a PHP: the native one, or a WebAssembly build in a process of its own (about half a second).
 * Warnings go to PHP's log and are not seen; `session.gc_probability` is 0 and the time zone UTC; everything else has
 * the default of that PHP, `session.save_path` too, so a test that starts sessions sets its own.
 */
export declare function openPhp(version: PhpVersion | 'native', options?: OpenPhpOptions): Promise<Php>

export interface Php {
  /** PHP_VERSION, such as `8.4.25`. */
  readonly version: string
  /**
   * Runs a script, with or without its `<?php`, and resolves to the bytes it printed. The script finds `input` in the
   * variable `$input`. Every run is a request of its own: nothing defined by one is seen by the next. In a WebAssembly
   * PHP the runs wait for each other, in order. Rejects with a {@link PhpError} when PHP ends with a status other than 0.
   */
  run(code: string | Uint8Array, input?: Uint8Array): Promise<Buffer>
  /**
   * Calls the PHP function `function ($in) { body }` on each input, thousands of inputs per run, and resolves to the
   * strings it returned. A case that throws, dies with a fatal error, exits or returns no string has a PhpError in its
   * place; what it prints is thrown away. Rejects when the code cannot run at all. `setup` is PHP code that runs before
   * the first case: classes, functions. The body runs in every version it is asked of, so for 5.2 it is written in the PHP of 5.2.
   */
  map(body: string, inputs: readonly Uint8Array[], options?: { readonly setup?: string }): Promise<(Buffer | PhpError)[]>
  /** Ends this PHP, even one that waits for a lock; its unfinished runs are rejected. */
  close(): Promise<void>
}

/** A run that PHP ended with an error. `message` is PHP's own. */
export declare class PhpError extends Error {
  /** What the script printed before the error. */
  readonly stdout: Buffer
  /** PHP's log, warnings included. */
  readonly stderr: string
  /** null when PHP did not get to exit: it crashed or was killed. */
  readonly exitCode: number | null
}
