/** Run in a page: the texts whose contrast with what is behind them is under 4.5, as WCAG 2 counts it. */
paleTexts()

function paleTexts() {
  const texts = [...document.body.querySelectorAll('*')].filter((element) => hasText(element) && element.tagName !== 'NOSCRIPT')
  return texts
    .filter((element) => contrast(element) < 4.5)
    .map((element) => `${element.textContent.trim()}: ${contrast(element).toFixed(2)}`)
}

function hasText(element) {
  return [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '')
}

function contrast(element) {
  const [a, b] = [luminance(getComputedStyle(element).color), luminance(background(element))]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

/** The first background that is not transparent, on the way up. */
function background(element) {
  if (element === null) return 'rgb(255, 255, 255)'
  const colour = getComputedStyle(element).backgroundColor
  return colour === 'rgba(0, 0, 0, 0)' ? background(element.parentElement) : colour
}

function luminance(colour) {
  const parts = colour.match(/[\d.]+/g).map((part) => Number(part) / 255)
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
