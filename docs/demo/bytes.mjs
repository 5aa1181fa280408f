/** The bytes of a session file for people; runs in Node and in the browser. */

/** Bytes as text: UTF-8 where they are that, control characters and all other bytes as `\0` or `\x1f`. */
export function readable(bytes) {
  const { ok, text } = asText(bytes)
  const visible = ok ? text : Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : hex(byte))).join('')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  return visible.replace(/[\0-\x1f\x7f]/g, (character) => (character === '\0' ? '\\0' : hex(character.charCodeAt(0))))
}

/** `after` in pieces, each new or as it was in `before`, which is found by the longest common sequence of what `split` makes of both. */
export function changes(before, after, split = tokens) {
  const pieces = []
  for (const { text, isNew } of joined(marked(split(before), split(after)))) {
    const last = pieces.at(-1)
    if (last?.isNew === isNew) last.text += text
    else pieces.push({ text, isNew })
  }
  return pieces
}

function marked(oldTokens, nowTokens) {
  const [old, now] = [oldTokens.map(compared), nowTokens.map(compared)]
  const lengths = commonLengths(old, now)
  let i = 0
  return nowTokens.map((text, j) => {
    while (i < old.length && old[i] !== now[j] && lengths[i + 1][j] >= lengths[i][j + 1]) i += 1
    const isNew = old[i] !== now[j]
    if (!isNew) i += 1
    return { text, isNew }
  })
}

/** A line is no other because it is the last no more and has a comma. */
function compared(token) {
  return token.replace(/,\n$/, '\n')
}

/** Where `x }` and a second `}` are new with an old `}` between them, `x } }` are new and the old one follows: it reads better. */
function joined(tokens) {
  for (const [at, { text, isNew }] of tokens.entries()) {
    const [before, next] = [tokens[at - 1], tokens[at + 1]]
    if (!isNew && before?.isNew && next?.isNew && next.text === text && !tokens[at + 2]?.isNew) {
      tokens[at].isNew = true
      next.isNew = false
    }
  }
  return tokens
}

/** How long the longest common sequence of old[i…] and now[j…] is, for each i and j. */
function commonLengths(old, now) {
  const lengths = Array.from({ length: old.length + 1 }, () => new Array(now.length + 1).fill(0))
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = old[i] === now[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1])
    }
  }
  return lengths
}

/** Each with its line feed. */
export function lines(text) {
  return text.match(/.*\n|.+$/g) ?? []
}

/** `i:5;`, `a:1:{`, `}`, `user|`. */
function tokens(text) {
  return text.match(/[^;{}|]*[;{}|]|[^;{}|]+$/g) ?? []
}

function asText(bytes) {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { ok: false, text: '' }
  }
}

function hex(byte) {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
