import { inspectSession } from '../inspect/inspect-session.ts'
import type { Member, ValueNode } from '../inspect/report.ts'
import { walk } from '../inspect/walk.ts'
import { decodeSession } from '../serialize-handlers/session-codec.ts'
import type { Reading } from '../session/reading.ts'

/** One place of a session: how it is stored, and its value in JavaScript. */
export interface Place {
  readonly node: ValueNode
  readonly value: unknown
  /** Of a property. */
  readonly visibility?: Member['visibility'] | undefined
}

/** The variables of stored bytes, place by place. */
export class StoredVars {
  /** All of them, as one place. */
  readonly all: Place
  readonly #slots = new Map<number, ValueNode>()

  /** @throws UnserializeError when PHP would not read the bytes */
  constructor(bytes: Buffer, { serialize_handler, charset, classes }: Reading) {
    const { serializeHandler, variables, size } = inspectSession(bytes, serialize_handler)
    const value = decodeSession(bytes, { serialize_handler: serializeHandler, charset, classes })
    this.all = { node: { type: 'array', offset: 0, length: size, slot: undefined, members: variables }, value }
    walk(variables, {
      enter: (node) => {
        if (node.slot !== undefined) this.#slots.set(node.slot, node)
        return node.type !== 'string'
      },
    })
  }

  /** The places in a place by their keys: the names that they have in JavaScript. */
  within({ node, value }: Place): Map<string, Place> {
    const isParents = ({ visibility, declaredBy }: Member) => visibility === 'private' && !isSameClass(declaredBy, node.className)
    const members = node.members ?? []
    const names = new Map<string, Member>()
    for (const member of members.filter((each) => !isParents(each))) names.set(String(member.key), member)
    for (const member of members.filter(isParents)) {
      names.set(names.has(String(member.key)) ? `\0${member.declaredBy}\0${member.key}` : String(member.key), member)
    }
    const values = Object(value) as Record<string, unknown>
    return new Map(
      [...names].map(([name, member]) => [
        name,
        { node: this.resolved(member.value), value: values[name], visibility: member.visibility },
      ]),
    )
  }

  /** The place that the keys lead to, or undefined. */
  at(keys: readonly (string | number)[]): Place | undefined {
    return keys.reduce<Place | undefined>((place, key) => place && this.within(place).get(String(key)), this.all)
  }

  /** The value itself, in place of a reference to it. */
  resolved(node: ValueNode): ValueNode {
    return (node.target && this.#slots.get(node.target.slot)) ?? node
  }
}

function isSameClass(one = '', other = ''): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
