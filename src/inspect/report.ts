/**
 * What there is to say about a session's bytes, as plain data: who looks for something wrong wants types, visibility, references and
 * offsets, which values in JavaScript no longer show. Offsets and lengths count bytes; offsets from the start of the session.
 */

/** A session that was looked into. */
export interface SessionReport {
  /** Who wrote it; undefined for an empty session, and for bytes that none can read. */
  readonly serializeHandler: string | undefined
  /** In bytes. */
  readonly size: number
  /** In their order; with a problem, those before it. */
  readonly variables: readonly Variable[]
  /** Why PHP would destroy the session. */
  readonly problem: Problem | undefined
}

/** A key of `$_SESSION` and its value. */
export interface Variable {
  readonly key: string
  /** Where the key stands. */
  readonly offset: number
  /** Of key and value. */
  readonly length: number
  readonly value: ValueNode
}

/** One value as it is stored. */
export interface ValueNode {
  readonly type: 'null' | 'bool' | 'int' | 'float' | 'string' | 'array' | 'object' | 'enum' | 'custom' | 'reference'
  readonly offset: number
  readonly length: number
  /** The number that `R:` and `r:` call it by; undefined for an `R:`, which takes none. */
  readonly slot: number | undefined
  /**
   * null, boolean, number or bigint; a string, or its Buffer where that is no UTF-8 (also of a custom object); the case of an enum.
   * Undefined for containers and references.
   */
  readonly value?: null | boolean | number | bigint | string | Buffer
  /** The digits of a float as they are stored. */
  readonly text?: string
  /** Of an object, a custom object, an enum. */
  readonly className?: string
  /** Of an array or object. */
  readonly members?: readonly Member[]
  /** Where a reference leads. */
  readonly target?: Target
  /** What a string holds that is itself output of serialize(), as Symfony's login is. Its offsets are in the session too. */
  readonly nested?: ValueNode
}

/** An element of an array, or a property. */
export interface Member {
  readonly key: string | number | bigint
  /** Undefined for the elements of an array. */
  readonly visibility?: 'public' | 'protected' | 'private'
  /** The class that declares a private property. */
  readonly declaredBy?: string
  readonly value: ValueNode
}

/** `R:`: the same variable (`&` in PHP). `r:`: the same object. */
export interface Target {
  readonly kind: 'variable' | 'object'
  readonly slot: number
  /** Its key path, such as `cart[0].price`. */
  readonly path: string
}

/** Where PHP stops to read. */
export interface Problem {
  readonly offset: number
  /** The key path of the value that was being read; '' at the top. */
  readonly path: string
  /** What was expected, in plain words. */
  readonly message: string
}
