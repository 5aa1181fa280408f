import type { Change } from './diff.ts'
import type { Draft } from './read-nodes.ts'
import type { Member, SessionReport, ValueNode, Variable } from './report.ts'
import { type Keys, walk } from './walk.ts'

/**
 * Whether what stands under these keys looks like a secret, by what one of them says: the last, or that of an array or object around it.
 * Keys are read word by word, in camelCase and snake_case: `userPassword` and `_csrf_token`, but not `author`, `tokenizer` or `passport`.
 */
export function isSecret(keys: Keys): boolean {
  return keys.some((key) => isSecretKey(key)) || wordsOf(keys.at(-1) ?? '') === 'auth'
}

/**
 * A copy in which secrets have lost their values and kept type and size (`isMasked`): what stands under secret keys, what references there
 * lead to, and texts that are a password's hash, a signed token or a private key, or that hold a password as a URL, a cookie or JSON does,
 * wherever they stand. A string that holds a secret among others is shown opened only.
 *
 * @param isWanted - the variables that the copy has; the others are looked at for references only, which is a fraction of the work
 */
export function maskSecrets<T extends Pick<SessionReport, 'variables'>>(
  report: T,
  isWanted: (variable: Variable) => boolean = () => true,
): T {
  return { ...report, variables: maskMembers(report.variables.filter(isWanted), slotsOfSecrets(report.variables)) }
}

/** A change whose values are masked where they look like secrets. */
export function maskChange(change: Change): Change {
  const { keys, path, kind, note } = change
  const mask = (value: ValueNode | undefined) => {
    if (value === undefined || isSecret(keys)) return value && masked(value)
    return maskMembers([{ key: '', value }])[0]!.value
  }
  return { keys, path, kind, before: mask(change.before), after: mask(change.after), ...(note !== undefined && { note }) }
}

/** A value being copied. */
interface Copy {
  readonly isHidden: boolean
  readonly members: Member[]
  nested: ValueNode | undefined
}

function maskMembers<T extends Member | Variable>(variables: readonly T[], sharedSlots = slotsOfSecrets(variables)): T[] {
  const top: Copy = { isHidden: false, members: [], nested: undefined }
  const open = [top]
  walk(variables, {
    enter(node, { of, numbering }) {
      const isShared = node.slot !== undefined && sharedSlots.get(numbering)?.has(node.slot) === true
      const isHidden = isShared || (of !== undefined && isSecretAt(of.key, node)) || isSecretString(node)
      open.push({ isHidden, members: [], nested: undefined })
      return !isHidden
    },
    leave(node, { of }) {
      const copy = open.pop()!
      const value = copy.isHidden ? masked(node) : copied(node, copy)
      const around = open.at(-1)!
      if (of === undefined) around.nested = value
      else around.members.push(value === node ? (of as Member) : { ...(of as Member), value })
    },
  })
  return top.members as unknown as T[]
}

/** The same node where nothing in it was hidden. */
function copied(node: ValueNode, { members, nested }: Copy): ValueNode {
  if (node.members !== undefined) {
    const isSame = members.every((member, index) => member === node.members![index])
    return isSame ? node : { ...node, members }
  }
  if (nested === undefined || nested === node.nested) return node
  const { value: _value, ...rest } = node
  return { ...rest, nested }
}

function masked(node: ValueNode): ValueNode {
  if (node.type === 'reference' || node.isMasked) return node
  const { value: _value, text: _text, members: _members, nested: _nested, ...rest } = node
  return { ...(rest as Draft), isMasked: true }
}

/** The slots that references under secret keys lead to. */
function slotsOfSecrets(variables: readonly (Member | Variable)[]): Map<ValueNode | undefined, Set<number>> {
  const slots = new Map<ValueNode | undefined, Set<number>>()
  if (!hasReferences(variables)) return slots
  // How deep the walk is in what stands under secret keys.
  let depth = 0
  walk(variables, {
    enter({ target }, { of, numbering }) {
      if (depth > 0 || (of !== undefined && isSecretKey(of.key))) depth++
      if (depth > 0 && target !== undefined) slots.set(numbering, (slots.get(numbering) ?? new Set()).add(target.slot))
      return true
    },
    leave() {
      if (depth > 0) depth--
    },
  })
  return slots
}

function hasReferences(variables: readonly (Member | Variable)[]): boolean {
  let found = false
  walk(variables, {
    enter({ target }) {
      found ||= target !== undefined
      return !found
    },
  })
  return found
}

/** What is named `auth` is a secret, unless it holds more: who is logged in, mostly. */
function isSecretAt(key: Member['key'], { members, nested }: ValueNode): boolean {
  return isSecretKey(key) || ((members ?? nested) === undefined && wordsOf(key) === 'auth')
}

function isSecretKey(key: Member['key']): boolean {
  if (typeof key !== 'string') return false
  const words = wordsOf(key)
  return SECRET.test(words) || words === 'pass'
}

/** `_csrfToken2` → `csrf token` */
function wordsOf(key: Member['key']): string {
  return String(key)
    .replace(/([\p{Ll}\p{N}])(\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$3 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/(\p{L})\d+(?= |$)/gu, '$1')
    .trim()
}

/** Whole words, the ends of words that are written as one (`accesstoken`), and pairs; in some other languages too. */
const SECRET = new RegExp(
  [
    '\\b(pwd|pw|otp|[th]otp|mfa|2fa|pin|puk|cvv|cvc|ccv|iban|ssn|nonce|wpnonce|salt|jwt|bearer|credentials?|authorization|sid|sess(ion)?id|mdp)\\b',
    'passw|passphrase|passcode|csrf|xsrf|phpsessid|api ?keys?\\b|(token|secret|hash(es)?)s?\\b|\\bhmac|\\bsig(nature)?$',
    'kennwort|contrase|mot ?de ?passe|wachtwoord|\\b(senhas?|parola|heslo|haslo)\\b|парол',
    '\\b(private|secret|access|encryption|auth|app|signing|session|recovery|license|activation) ?keys?\\b',
    '\\b(session ids?|(credit|debit) ?cards?|(card|cc) ?(number|no|num|nr)s?|card pan|account (number|no)|social security|code verifier|oauth state)\\b',
    '\\b((security|verification|recovery|backup|auth|authorization|reset|confirmation|activation|sms|login) codes?|security answers?)\\b',
    '\\b(user|db|database|login|admin|root|ftp|smtp|mail|ldap|proxy) ?pass\\b',
    '\\bremember ?me\\b|\\bremember (key|code)\\b|\\bremember \\w+ [\\da-f]{20,}',
    '^cookies?$|\\bset cookies?\\b|\\b(auth|session|login) cookies?$|\\bcookie jar\\b',
  ].join('|'),
)

/** Whether a string is a secret, or holds one. Of one that is opened, what is in it is looked at instead. */
function isSecretString({ value, nested }: ValueNode): boolean {
  const text = Buffer.isBuffer(value) ? value.toString('latin1') : value
  return typeof text === 'string' && (nested === undefined ? isSecretText(text) : isSecretAsAWhole(text))
}

/** Whether a text is a secret, or holds one, whatever its key. */
export function isSecretText(text: string): boolean {
  if (isSecretAsAWhole(text) || SECRET_URL.test(text) || KNOWN_TOKEN.test(text)) return true
  return holdsSecretKey(text, PAIR) || holdsSecretKey(text, HEADER) || (/^\s*[[{]/.test(text) && holdsSecretKey(text, JSON_KEY))
}

function isSecretAsAWhole(text: string): boolean {
  return SECRET_TEXT.test(text.slice(0, 4096))
}

function holdsSecretKey(text: string, keys: RegExp): boolean {
  for (const [, key] of text.matchAll(keys)) if (isSecretKey(key!)) return true
  return false
}

/** A hash of a password, as crypt() and frameworks write it; a JSON Web Token; the header of a request; a private key. */
const SECRET_TEXT =
  /^(\$(2[abxy]?|argon2\w*|[156PHSy])\$|\{(bcrypt|ssha\d*|sha\d*|md5|argon2\w*)\}|eyJ[\w-]+\.[\w-]+\.|(Bearer|Basic) \S+$)|-----BEGIN [A-Z ]*PRIVATE KEY-----/

/** A password before the host; the code of OAuth; the path of a link that was mailed, as to reset a password. Counts keep these fast on any text. */
const SECRET_URL = new RegExp(
  [
    '://[^\\s/:@?#]*:[^\\s/@]+@',
    '[?&](code=[^\\s&]{8,200}&state=|state=[^\\s&]{1,400}&code=)',
    '/(reset|passw|recover|activat|verif|confirm|invit|magic)[\\w-]{0,32}(/[\\w-]{1,64}){0,3}/(?=[\\w-]{0,64}\\d)[\\w-]{16,}([/?#]|$)',
  ].join('|'),
  'i',
)

/** Tokens that say by how they begin whose they are: Stripe, GitHub, GitLab, Slack, AWS, Google, SendGrid, npm; and that of any request. */
const KNOWN_TOKEN =
  /(?<![\w-])((sk|rk)_(live|test)_\w{16}|whsec_\w{16}|gh[opsur]_\w{36}|github_pat_\w{22}|glpat-[\w-]{20}|xox[abeprs]-[\w-]{10}|A[KS]IA[A-Z\d]{16}|AIza[\w-]{35}|ya29\.[\w-]{20}|SG\.[\w-]{16}|npm_\w{36}|Bearer [\w~+/.-]{16})/

/** The name of a header, as of a request that was kept: `Authorization: …` */
const HEADER = /(?<=^|[\r\n])[ \t]{0,8}([\w-]{2,64}):[ \t]{0,8}\S/g

/** What a query, a cookie or a DSN has before a value: `?token=`, `; PHPSESSID=`, `;password=` */
const PAIR = /(?<![\w.%[\]-])([\w.%[\]-]{2,64})=[^\s&;#=]/g
/** A key of JSON, also of JSON in a string of JSON. */
const JSON_KEY = /"([^"\\]{1,64})\\*"\s*:/g
