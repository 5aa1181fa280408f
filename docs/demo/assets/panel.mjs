/** The panel below the shop: the session file as it changes, and what PHP and Node see in it. */
import { changes, lines } from './bytes.mjs'

const section = document.querySelector('[data-session]')
section.insertAdjacentHTML(
  'beforeend',
  `<p><mark>new</mark> since the last change</p>
  <figure class="file">
    <figcaption><b>File</b> <code id="file"></code> <span role="status" id="size"></span></figcaption>
    <pre id="bytes" tabindex="0" aria-label="The bytes of the session file"></pre>
  </figure>
  <figure class="php">
    <figcaption><b>PHP</b> <code>$_SESSION</code></figcaption>
    <pre id="php" tabindex="0" aria-label="What PHP sees"></pre>
  </figure>
  <figure class="node">
    <figcaption><b>Node</b> <code>$_SESSION</code></figcaption>
    <pre id="node" tabindex="0" aria-label="What Node sees"></pre>
  </figure>`,
)
const place = Object.fromEntries(['file', 'size', 'bytes', 'php', 'node'].map((id) => [id, document.getElementById(id)]))
const nothing = { id: null, size: 0, bytes: '', php: '', node: '' }

// The page before this one left what it saw: what is new since then is marked.
let seen = JSON.parse(sessionStorage.getItem('seen')) ?? nothing
draw(nothing, seen)
await look()
setInterval(look, 500)

async function look() {
  if (document.hidden) return
  const now = await fetch(section.dataset.session)
    .then((response) => response.json())
    .catch(() => seen)
  const next = now ?? nothing
  if (JSON.stringify(next) === JSON.stringify(seen)) return
  draw(seen, next)
  seen = next
  sessionStorage.setItem('seen', JSON.stringify(seen))
}

function draw(before, now) {
  place.file.textContent = now.id ? `sess_${now.id}` : 'is not there'
  place.size.textContent = `${now.size} bytes`
  fill(place.bytes, changes(before.bytes, now.bytes))
  fill(place.php, changes(before.php, now.php, lines))
  fill(place.node, changes(before.node, now.node, lines))
}

/** As text, never as HTML. */
function fill(element, pieces) {
  element.replaceChildren(...pieces.map(({ text, isNew }) => (isNew ? marked(text) : text)))
}

function marked(text) {
  const mark = document.createElement('mark')
  mark.textContent = text
  return mark
}
