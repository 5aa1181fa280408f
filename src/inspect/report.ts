/**
 * What there is to say about a session's bytes, as plain data: who looks for something wrong wants types, visibility, references and
 * offsets, which values in JavaScript no longer show. Offsets and lengths count bytes; offsets from the start of the session.
 */

/** A session that was looked into. */
export interface SessionReport {
  /** Who wrote it; with a problem and no handler given, the one that reads most of it. Undefined for an empty session, and for bytes of which none reads anything. */
  readonly serializeHandler: string | undefined
  /** In bytes. */
  readonly size: number
  /** In their order; with a problem, those before it. A key that is there twice stands here twice: PHP keeps the last. */
  readonly variables: readonly Variable[]
  /** Why PHP would destroy the session, or drop a part of it. */
  readonly problem: Problem | undefined
}

/** A key of `$_SESSION` and its value. */
export interface Variable {
  /** Bytes that are no UTF-8 stand in it as the lone surrogates U+DC00 + byte. */
  readonly key: string
  /** Where the key stands. */
  readonly offset: number
  /** Of key and value. */
  readonly length: number
  readonly value: ValueNode
}

/** One value as it is stored. Nodes nest up to eight times as deep as PHP's arrays do: walk them without recursion. */
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
  /** How many bytes a string has, or what a custom object wrote. */
  readonly size?: number
  /** The digits of a float as they are stored. */
  readonly text?: string
  /** Of an object, a custom object, an enum. */
  readonly className?: string
  /** Of an array or object. */
  readonly members?: readonly Member[]
  /** Where a reference leads. */
  readonly target?: Target
  /** References lead here: the value is one variable with them (`&` in PHP), or only one object. */
  readonly shared?: Target['kind']
  /**
   * The array or object that a string is the serialize() output of, as Symfony's login is; or that a custom object wrote. Its offsets are
   * in the session too; the slots in a string count from 1, those in a custom object are among all others.
   */
  readonly nested?: ValueNode
  /** What it held was a secret: type and size are all that is left of it, neither value nor members nor what was nested. */
  readonly isMasked?: true
}

/** An element of an array, or a property. */
export interface Member {
  /** As PHP has it: `"5"` in an array is the int 5. */
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
  /** Its key path, such as `cart[0].price`; '' is `$_SESSION` itself. Of a value among the bytes of a custom object that could not be opened, the object's. */
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
