import type { Member, SessionReport, ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/** A report as JSON has it; see `toJson`. */
export interface ReportJson {
  readonly serializeHandler: string | null
  readonly size: number
  readonly variables: readonly MemberJson[]
  readonly problem: { readonly offset: number; readonly path: string; readonly message: string } | null
}

/** A variable, an element or a property: its key and its value. */
export interface MemberJson extends ValueJson {
  /** An int is a number, or a string of its digits beyond ±(2^53−1). */
  readonly key: string | number
  readonly visibility?: 'public' | 'protected' | 'private'
  readonly declaredBy?: string
}

export interface ValueJson {
  readonly type: ValueNode['type']
  /** In the session, in bytes, of the value without its key. */
  readonly offset: number
  readonly length: number
  readonly slot?: number
  /**
   * An int beyond ±(2^53−1) is a string of its digits; of floats "NAN", "INF", "-INF" and "-0" are strings. A string, or what a custom object
   * wrote, has `base64` instead where it is no UTF-8.
   */
  readonly value?: null | boolean | number | string
  readonly base64?: string
  readonly size?: number
  readonly text?: string
  readonly className?: string
  readonly members?: readonly MemberJson[]
  readonly target?: { readonly kind: 'variable' | 'object'; readonly slot: number; readonly path: string }
  readonly shared?: 'variable' | 'object'
  readonly nested?: ValueJson
  readonly isMasked?: true
  /** What the value holds was left out, because it stands more than 500 levels deep: no parser of JSON would read it. */
  readonly isCut?: true
}

/**
 * A report as plain data for machines: JSON.stringify loses nothing of it. Its names and their meaning stay as they are; there may come
 * more of them.
 */
export function toJson({ serializeHandler, size, variables, problem }: SessionReport): ReportJson {
  const open: Draft[] = []
  const top: MemberJson[] = []
  walk(variables, {
    enter(node, { of }) {
      const draft = draftOf(node, of)
      const parent = open.at(-1)
      if (of === undefined) parent!.nested = draft
      else (parent?.members ?? top).push(draft as unknown as MemberJson)
      const isCut = open.push(draft) > MAX_DEPTH && (draft.members ?? node.nested) !== undefined
      if (isCut) {
        delete draft.members
        draft.isCut = true
      }
      return !isCut
    },
    leave() {
      open.pop()
    },
  })
  return { serializeHandler: serializeHandler ?? null, size, variables: top, problem: problem ?? null }
}

const MAX_DEPTH = 500

type Draft = { -readonly [K in keyof Omit<ValueJson, 'members'>]: ValueJson[K] } & { members?: MemberJson[] }

function draftOf(node: ValueNode, of: Member | Variable | undefined): Draft {
  const { offset, length, value, members, nested: _nested, slot, ...rest } = node
  const { key, visibility, declaredBy } = (of ?? {}) as Partial<Member>
  return {
    ...(key !== undefined && { key: typeof key === 'bigint' ? String(key) : key }),
    ...(visibility && { visibility }),
    ...(declaredBy !== undefined && { declaredBy }),
    ...{ ...rest, offset, length },
    ...(slot !== undefined && { slot }),
    ...(value !== undefined && plainValue(value)),
    ...(members && { members: [] }),
  }
}

function plainValue(value: NonNullable<ValueNode['value']> | null): Pick<ValueJson, 'value' | 'base64'> {
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') }
  if (typeof value === 'bigint') return { value: String(value) }
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return { value }
  if (Number.isNaN(value)) return { value: 'NAN' }
  return { value: value === 0 ? '-0' : value > 0 ? 'INF' : '-INF' }
}
