/** A key path as JavaScript would write it: `cart[3].price`, `['a b'].c`; '' for no keys. For messages: a very deep one is cut. */
export function formatPath(keys: readonly (string | number)[]): string {
  if (keys.length > LONGEST) return `${formatPath(keys.slice(0, LONGEST / 2))}…${formatPath(keys.slice(-LONGEST / 2))}`
  let path = ''
  for (const key of keys) {
    const text = String(key)
    if (/^(0|[1-9]\d*)$/.test(text)) path += `[${text}]`
    else if (/^[A-Za-z_$][\w$]*$/.test(text)) path += path === '' ? text : `.${text}`
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a message must not print
    else path += `['${text.replace(/[\\'\0-\x1f\x7f]/g, escaped)}']`
  }
  return path
}

const LONGEST = 32

function escaped(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
