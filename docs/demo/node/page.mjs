import { html } from './html.mjs'

/** The shop's page: what index.php is on the other side. */
export function page({ products, visitor, cart, csrf }) {
  const token = html`<input type="hidden" name="csrf" value="${csrf}">`
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Corner Café · Node</title>
  <link rel="icon" href="/assets/favicon.svg">
  <link rel="stylesheet" href="/assets/style.css">
  <link rel="stylesheet" href="/assets/session.css">
  <script type="module" src="/assets/panel.mjs"></script>
</head>
<body class="node">
  <header>
    <p class="brand"><img src="/assets/favicon.svg" alt="">Corner Café</p>
    <nav aria-label="The same shop, on">
      <a href="/php/">PHP</a>
      <a href="/node/" aria-current="page">Node</a>
    </nav>
    <p class="badge">This page was made by <strong>Node ${process.versions.node}</strong></p>
  </header>

  <main>
    <section aria-labelledby="counter">
      <h1 id="counter">On the counter</h1>
      <ul class="products">${Object.entries(products).map(([sku, product]) => shelf(sku, product, token))}</ul>
    </section>

    <aside aria-label="You and your cart">
      ${visitor ? account(visitor, token) : html`<p class="account"><a href="/php/">Log in on the PHP page</a></p>`}

      <h2>Your cart</h2>
      ${Object.keys(cart).length > 0 ? contents(cart, products, token) : html`<p class="nothing">Nothing in it yet.</p>`}
    </aside>
  </main>

  <section class="session" data-session="/session" aria-labelledby="session">
    <h2 id="session">One session, seen from both sides</h2>
    <noscript><p>The shop works without JavaScript; to look at the session needs it.</p></noscript>
  </section>
</body>
</html>
`
}

function shelf(sku, { name, price }, token) {
  return html`
        <li>
          <svg aria-hidden="true"><use href="/assets/icons.svg#${sku}"></use></svg>
          <h2>${name}</h2>
          <p>${money(price)}</p>
          <form method="post" action="/node/cart">
            ${token}
            <button name="sku" value="${sku}" aria-label="Add ${name}">Add</button>
          </form>
        </li>`
}

function account({ name, since }, token) {
  return html`<form class="account" method="post" action="/node/logout">
        ${token}
        <p>Hello, <strong>${name}</strong> <small>logged in at ${since.toISOString().slice(11, 16)} UTC</small></p>
        <button class="quiet">Log out</button>
      </form>`
}

function contents(cart, products, token) {
  const total = Object.values(cart).reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  const items = Object.entries(cart).map(([sku, item]) => entry(sku, products[sku]?.name ?? sku, item, token))
  return html`<ul class="cart">${items}</ul>
      <p class="total"><span>Total</span> <strong>${money(total)}</strong></p>`
}

function entry(sku, name, { price, quantity }, token) {
  return html`
        <li>
          <span>${quantity} × ${name}</span>
          <span>${money(price * quantity)}</span>
          <form method="post" action="/node/cart">
            ${token}
            <input type="hidden" name="sku" value="${sku}">
            <button class="quiet" name="change" value="-1" aria-label="One ${name} less">−</button>
            <button class="quiet" name="change" value="1" aria-label="One ${name} more">+</button>
          </form>
        </li>`
}

function money(amount) {
  return `€ ${amount.toFixed(2)}`
}
