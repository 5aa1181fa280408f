import type { Sid, TransSidRules } from '../../src/http/trans-sid.ts'

/** Asks PHP what it makes of links and forms, for trans-sid.test.ts. */

/** What differs from the defaults. `directives`: those that say whether the id is added at all. */
export interface Settings extends Partial<TransSidRules> {
  readonly sid?: Sid
  readonly tag?: string
  readonly attribute?: string
  readonly directives?: Readonly<Record<string, boolean>>
}

export const sid: Sid = { name: 'PHPSESSID', id: 'abc' }
export const defaults: TransSidRules = {
  trans_sid_tags: 'a=href,area=href,frame=src,form=',
  trans_sid_hosts: '',
  host: 'shop.example:8080',
}

/** Prints a page of these tags and returns what became of each. */
export type Ask = (tags: readonly string[], settings?: Settings, headers?: Record<string, string>) => Promise<string[]>

/** What becomes of these URLs in the attribute of a tag. */
export async function linksInPhp(ask: Ask, hrefs: readonly string[], settings: Settings = {}): Promise<string[]> {
  const { tag = 'a', attribute = 'href' } = settings
  const before = `<${tag} ${attribute}="`
  const printed = await ask(
    hrefs.map((href) => `${before}${quoted(href)}">`),
    settings,
  )
  return printed.map((text) => {
    expect(text.startsWith(before)).toBe(true)
    return text.slice(before.length, text.indexOf('">')).replaceAll('&quot;', '"').replaceAll('&gt;', '>')
  })
}

/** What is put behind a form of each action. */
export async function fieldsInPhp(ask: Ask, actions: readonly (string | undefined)[], settings?: Settings): Promise<string[]> {
  const tags = actions.map((action) => (action === undefined ? '<form>' : `<form action="${quoted(action)}">`))
  const printed = await ask(tags, settings)
  return printed.map((text, at) => {
    expect(text.startsWith(tags[at]!)).toBe(true)
    return text.slice(tags[at]!.length)
  })
}

/** What cannot stand in an attribute. */
function quoted(url: string): string {
  return url.replaceAll('"', '&quot;').replaceAll('>', '&gt;')
}

/** The body of a PHP page; it finds what to print in `$input`. */
export const page = `
  $case = json_decode($input, true);
  foreach ($case['ini'] as $name => $value) ini_set($name, $value);
  session_name($case['name']);
  session_id($case['id']);
  session_start();
  foreach ($case['tags'] as $tag) echo $tag, "\\n|=|";`

/** What the page printed, tag by tag. */
export function split(printed: string): string[] {
  return printed.split('\n|=|').slice(0, -1)
}

/** What the page shall print, and with which directives. */
export function pageInput(tags: readonly string[], settings: Settings): string {
  const { trans_sid_tags, trans_sid_hosts } = { ...defaults, ...settings }
  const { use_trans_sid = true, use_cookies = false, use_only_cookies = false } = settings.directives ?? {}
  const directives = { trans_sid_tags, trans_sid_hosts, use_trans_sid, use_cookies, use_only_cookies }
  const ini = Object.entries(directives).map(([name, value]) => [`session.${name}`, String(Number(value) || value || '')])
  // Before 8.4, PHP takes the hosts of forms from here.
  const all = { ...Object.fromEntries(ini), 'url_rewriter.hosts': trans_sid_hosts }
  return JSON.stringify({ ini: all, ...(settings.sid ?? sid), tags })
}
