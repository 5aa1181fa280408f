/** A key path as JavaScript would write it: `cart[3].price`, `['a b'].c`; '' for no keys. For messages. */
export function formatPath(keys: readonly (string | number)[]): string {
  let path = ''
  for (const key of keys) {
    const text = String(key)
    if (/^(0|[1-9]\d*)$/.test(text)) path += `[${text}]`
    else if (/^[A-Za-z_$][\w$]*$/.test(text)) path += path === '' ? text : `.${text}`
    else path += `['${text.replace(/[\\'\0-\x1f\x7f]/g, escape)}']`
  }
  return path
}

function escape(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
