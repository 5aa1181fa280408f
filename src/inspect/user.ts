import { printable } from './quote.ts'
import type { Member, SessionReport, ValueNode, Variable } from './report.ts'
import { walk } from './walk.ts'

/**
 * Who is logged in, as a short text, where applications usually keep it: a name, login or e-mail address, else `#` and the number of the
 * user. Undefined when nobody can be made out.
 */
export function userOf({ variables }: Pick<SessionReport, 'variables'>): string | undefined {
  return symfonyUser(variables) ?? nameIn(variables, TOP_NAMES) ?? nameBelow(variables) ?? idIn(variables)
}

/** Whether userOf looks at a variable of this name: it finds the same in those alone. */
export function mayTellUser(key: string): boolean {
  return TELLING.has(plainKey(key)) || key.startsWith('_security_') || LARAVEL_KEY.test(key)
}

type Members = readonly (Member | Variable)[]

/** Keys as they are compared: `user_name` and `userName` are `username`. */
const TOP_NAMES = ['useridentifier', 'username', 'userlogin', 'login', 'loginname', 'useremail', 'email', 'emailaddress']
const NAMES = [...TOP_NAMES, 'mail', 'displayname', 'fullname', 'nickname', 'name']
/** What a user is called that is an array or object, or the name itself: the likeliest first. */
const USERS = [
  'user',
  'currentuser',
  'loggedinuser',
  'authuser',
  'wpuser',
  'account',
  'customer',
  'member',
  'admin',
  'identity',
  'profile',
]
/** What users are kept in. */
const HOLDERS = [
  'auth',
  'passport',
  'security',
  'session',
  'userdata',
  'default',
  'sf2attributes',
  'login',
  'frontend',
  'backend',
]
const IDS = ['userid', 'uid', 'customerid', 'memberid', 'accountid', 'wpuserid', 'authid', 'loginid', 'id']
const TELLING = new Set([...TOP_NAMES, ...USERS, ...HOLDERS, ...IDS])
/** Ends with a hash: `login_web_59ba36…` */
const LARAVEL_KEY = /^login_\w+_[0-9a-f]{40}$/

/** Symfony keeps the output of serialize() under `_security_` and the name of the firewall: the user is an object somewhere in it. */
function symfonyUser(variables: Members): string | undefined {
  const attributes = memberOf(variables, 'sf2attributes')?.members ?? []
  for (const { key, value } of [...variables, ...attributes]) {
    if (value.nested === undefined || !String(key).startsWith('_security_')) continue
    const found = new Map<string, string>()
    walk([{ key, value }], {
      enter(node, { of }) {
        const name = plainKey(of?.key ?? '')
        const text = TOP_NAMES.includes(name) ? textOf(node) : undefined
        if (text !== undefined && !found.has(name)) found.set(name, text)
        return true
      },
    })
    const name = TOP_NAMES.find((each) => found.has(each))
    if (name !== undefined) return found.get(name)
  }
  return undefined
}

function nameIn(members: Members, names: readonly string[]): string | undefined {
  for (const name of names) {
    const node = memberOf(members, name)
    const text = node && textOf(node)
    if (text !== undefined) return text
  }
  return undefined
}

/** A user that is the name itself, or holds it; there, or one or two levels down in what users are kept in. */
function nameBelow(members: Members, levels = 3): string | undefined {
  for (const name of USERS) {
    const node = memberOf(members, name)
    const text = node && (textOf(node) ?? numberOf(node) ?? nameIn(node.members ?? [], NAMES) ?? idIn(node.members ?? []))
    if (text !== undefined) return text
  }
  if (levels === 0) return undefined
  for (const holder of [...HOLDERS, ...USERS]) {
    const inside = memberOf(members, holder)?.members
    if (inside === undefined) continue
    const text = nameIn(inside, TOP_NAMES) ?? nameBelow(inside, levels - 1) ?? idIn(inside)
    if (text !== undefined) return text
  }
  return undefined
}

function idIn(members: Members): string | undefined {
  const laravel = members.find(({ key }) => LARAVEL_KEY.test(String(key)))?.value
  for (const node of [...IDS.map((name) => memberOf(members, name)), laravel]) {
    const text = node && (numberOf(node) ?? textOf(node))
    if (text !== undefined) return text
  }
  return undefined
}

/** The value of the last key that is compared so. */
function memberOf(members: Members, name: string): ValueNode | undefined {
  let values = valuesByKey.get(members)
  if (values === undefined) {
    values = new Map(members.map(({ key, value }) => [plainKey(key), value]))
    valuesByKey.set(members, values)
  }
  const node = values.get(name)
  return node?.nested ?? node
}

/** Some forty names are looked for in each. */
const valuesByKey = new WeakMap<Members, Map<string, ValueNode>>()

function plainKey(key: Member['key']): string {
  return typeof key === 'string' ? key.replace(/[_\s-]/g, '').toLowerCase() : ''
}

const LONGEST = 60

function textOf({ type, value }: ValueNode): string | undefined {
  if (type !== 'string' || typeof value !== 'string' || value.trim() === '' || value === '0') return undefined
  return printable(value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value)
}

function numberOf({ value }: ValueNode): string | undefined {
  return /^[1-9]\d*$/.test(String(value)) && typeof value !== 'boolean' ? `#${value}` : undefined
}
