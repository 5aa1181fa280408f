import { domainToASCII } from 'node:url'

/**
 * The session id in links and forms, for browsers that take no cookie (session.use_trans_sid): `append_modified_url`, `handle_form`
 * and `check_host_whitelist` in ext/standard/url_scanner_ex.re, with `php_url_parse_ex2` in ext/standard/url.c.
 *
 * PHP's rules say which URLs get the id. Two things are done otherwise:
 * - PHP takes the URL apart and writes it anew, and so breaks passwords, ports and control characters. Here the id is put in, and
 *   everything else stays as it is.
 * - A URL which PHP takes for one of our own, but a browser for another host's, such as `/\evil.example`, does not get the id.
 */

/** What is added: the name of the session and its id, as they are before any encoding. */
export interface Sid {
  readonly name: string
  readonly id: string
}

/** The directives that say where it is added, and the host that the request was sent to. */
export interface TransSidRules {
  /** Pairs `tag=attribute`: which URLs of a page get the id. `form=` has forms get a hidden field. */
  readonly trans_sid_tags: string
  /** The hosts, without port, whose URLs get the id. Those without a host always do. */
  readonly trans_sid_hosts: string
  /** The request's Host header: the host whose forms get the id while trans_sid_hosts is empty. */
  readonly host: string | undefined
}

/**
 * Whether links and forms get the id (`php_session_reset_id` in ext/session/session.c): not if the browser takes cookies.
 * `hasCookie`: the request came with a cookie of the session's name, be it an array or not an id at all.
 */
export function appliesTransSid(
  directives: { readonly use_trans_sid: boolean; readonly use_cookies: boolean; readonly use_only_cookies: boolean },
  hasCookie: boolean,
): boolean {
  const { use_trans_sid, use_cookies, use_only_cookies } = directives
  return use_trans_sid && !use_only_cookies && !(use_cookies && hasCookie)
}

/**
 * What PHP makes of `href` in the attribute that trans_sid_tags names for this tag: the id is the last of its query, or `href` is
 * returned as it is. A host must be in trans_sid_hosts, the request's own host too. PHP does not look whether an id is there already:
 * the last one counts. `href` is meant before it is escaped for HTML, and so is the answer.
 */
export function withSid(href: string, { name, id }: Sid, rules: TransSidRules, tag = 'a'): string {
  const host = hostOf(href)
  const isOurs = host === '' || (host !== undefined && listed(rules.trans_sid_hosts).includes(lower(host)))
  if (!hasAttribute(tag, rules) || href.startsWith('#') || !isOurs || !browserGoesTo(host, href)) return href
  const mark = href.indexOf('#')
  const page = mark === -1 ? href : href.slice(0, mark)
  const joint = page.includes('?') ? '&' : HOST_ALONE.test(href) ? '/?' : '?'
  return `${page}${joint}${percentEncode(name)}=${percentEncode(id)}${href.slice(page.length)}`
}

/**
 * The hidden field that PHP puts behind `<form action="…">`; '' where it puts none: `form` is not in trans_sid_tags, or the action goes to a
 * host that is not ours. As PHP does it from 8.4 on; before, it looked for the host in url_rewriter.hosts.
 */
export function sidField({ name, id }: Sid, rules: TransSidRules, action = ''): string {
  const hosts = listed(rules.trans_sid_hosts)
  const host = hostOf(action)
  const isOwn = hosts.length === 0 && host !== undefined && lower(host) === lower(portless(rules.host))
  // In this place PHP does not take EXAMPLE.COM for example.com.
  const isOurs = host === '' || isOwn || (host !== undefined && hosts.includes(host))
  if (attributeOf('form', rules) === undefined || !isOurs || !browserGoesTo(host, action)) return ''
  return `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(id)}" />`
}

/** Whether PHP looks into tags of this name, and would find the attribute: it knows only letters, dashes and, in tags, colons. */
function hasAttribute(tag: string, rules: TransSidRules): boolean {
  return /^[a-z:]+$/i.test(tag) && /^[a-z][a-z-]*$/i.test(attributeOf(tag, rules) ?? '')
}

/** The attribute of this tag; '' for `form=`. The first of several counts, blanks are not trimmed. */
function attributeOf(tag: string, { trans_sid_tags }: TransSidRules): string | undefined {
  const pairs = trans_sid_tags.split(',').map((pair) => /^([^=]*)=(.*)$/s.exec(pair))
  return pairs.find((pair) => pair !== null && lower(pair[1]!) === lower(tag))?.[2]
}

function listed(hosts: string): string[] {
  return lower(hosts)
    .split(',')
    .filter((host) => host !== '')
}

/** PHP cuts at the first colon: a host that is an IPv6 address is never our own. */
function portless(host = ''): string {
  return host.split(':')[0]!
}

/** The host that PHP sees; '' where the URL has none, undefined where PHP cannot read the URL or it is neither http nor https. */
function hostOf(url: string): string | undefined {
  const authority = AUTHORITY.exec(url)?.[1]
  if (authority === undefined) return SCHEME.test(url) || STRAY_PORT.test(url) ? undefined : ''
  const [, host, port] = HOST.exec(authority)!
  return host === '' || (port !== undefined && !isPort(port)) ? undefined : host
}

/** Nothing, or what C's strtol finds a number in. */
function isPort(text: string): boolean {
  return text === '' || (text.length <= 5 && /^\s*\d/.test(text))
}

const AUTHORITY = /^(?:https?:)?\/\/([^/?#]*)/i
const HOST_ALONE = /^(?:https?:)?\/\/[^/?#]*$/i
const HOST = /^(?:.*@)?(\[.*\]|.*?)(?::([^:]*))?$/s
const SCHEME = /^[a-z\d+.-]+:/i
/** A number behind the first colon: `wiki/Unix:80` is to PHP the host wiki with a port. */
const STRAY_PORT = /^:$|^[^:?#]*:\d{1,5}(?:\/|$)/

/**
 * Whether a browser, too, stays on this host, on the page's own if it is ''. Browsers take `\` for `/`, and leave out blanks around a URL
 * and tabs and line breaks in it. What `https:x` is to them depends on the scheme of the page.
 */
function browserGoesTo(host: string, url: string): boolean {
  const hostname = host === '' ? OWN : domainToASCII(host)
  return ['http', 'https'].every((scheme) => {
    const page = `${scheme}://${OWN}`
    return URL.canParse(url, page) && new URL(url, page).hostname === hostname
  })
}

/** Nobody has this host. */
const OWN = 'own.invalid'

/** `php_raw_url_encode`: everything but letters, digits and `-_.~`. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** `htmlspecialchars` with ENT_QUOTES. A session's name has no `;`, so there is no entity in it to be left alone. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => HTML[char]!)
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#039;' }

/** ASCII only, as PHP. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
