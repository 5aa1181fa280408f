/** HTML from template literals: every value is escaped, except HTML made here and lists of it. */
export function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(escaped)))
}

class Html {
  #text

  constructor(text) {
    this.#text = text
  }

  toString() {
    return this.#text
  }
}

function escaped(value) {
  if (value instanceof Html) return `${value}`
  if (Array.isArray(value)) return value.map(escaped).join('')
  return String(value ?? '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
