<?php
require __DIR__ . '/shop.php';

$user = $_SESSION['user'] ?? null;
$cart = $_SESSION['cart'];
$csrf = $_SESSION['csrf'];
?>
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Corner Café · PHP</title>
  <link rel="icon" href="/assets/favicon.svg">
  <link rel="stylesheet" href="/assets/style.css">
  <link rel="stylesheet" href="/assets/session.css">
  <script type="module" src="/assets/panel.mjs"></script>
</head>
<body class="php">
  <header>
    <p class="brand"><img src="/assets/favicon.svg" alt="">Corner Café</p>
    <nav aria-label="The same shop, on">
      <a href="/php/" aria-current="page">PHP</a>
      <a href="/node/">Node</a>
    </nav>
    <p class="badge">This page was made by <strong>PHP <?= e(PHP_VERSION) ?></strong></p>
  </header>

  <main>
    <section aria-labelledby="counter">
      <h1 id="counter">On the counter</h1>
      <ul class="products">
<?php foreach ($products as $sku => $product): ?>
        <li>
          <svg aria-hidden="true"><use href="/assets/icons.svg#<?= e($sku) ?>"></use></svg>
          <h2><?= e($product['name']) ?></h2>
          <p><?= e(money($product['price'])) ?></p>
          <form method="post" action="/php/cart.php">
            <input type="hidden" name="csrf" value="<?= e($csrf) ?>">
            <button name="sku" value="<?= e($sku) ?>" aria-label="Add <?= e($product['name']) ?>">Add</button>
          </form>
        </li>
<?php endforeach ?>
      </ul>
    </section>

    <aside aria-label="You and your cart">
<?php if ($user): ?>
      <form class="account" method="post" action="/php/logout.php">
        <input type="hidden" name="csrf" value="<?= e($csrf) ?>">
        <p>Hello, <strong><?= e($user->name) ?></strong> <small>logged in at <?= e($user->since()) ?> UTC</small></p>
        <button class="quiet">Log out</button>
      </form>
<?php else: ?>
      <form class="account" method="post" action="/php/login.php">
        <input type="hidden" name="csrf" value="<?= e($csrf) ?>">
        <label for="name">Your name</label>
        <input id="name" name="name" value="Alice" maxlength="40" required autocomplete="off">
        <button>Log in</button>
      </form>
<?php endif ?>

      <h2>Your cart</h2>
<?php if ($cart): ?>
      <ul class="cart">
<?php foreach ($cart as $sku => $item): $name = $products[$sku]['name'] ?? $sku ?>
        <li>
          <span><?= e($item['quantity']) ?> × <?= e($name) ?></span>
          <span><?= e(money($item['price'] * $item['quantity'])) ?></span>
          <form method="post" action="/php/cart.php">
            <input type="hidden" name="csrf" value="<?= e($csrf) ?>">
            <input type="hidden" name="sku" value="<?= e($sku) ?>">
            <button class="quiet" name="change" value="-1" aria-label="One <?= e($name) ?> less">−</button>
            <button class="quiet" name="change" value="1" aria-label="One <?= e($name) ?> more">+</button>
          </form>
        </li>
<?php endforeach ?>
      </ul>
      <p class="total"><span>Total</span> <strong><?= e(money(total($cart))) ?></strong></p>
<?php else: ?>
      <p class="nothing">Nothing in it yet.</p>
<?php endif ?>
    </aside>
  </main>

  <section class="session" data-session="/session" aria-labelledby="session">
    <h2 id="session">One session, seen from both sides</h2>
    <noscript><p>The shop works without JavaScript; to look at the session needs it.</p></noscript>
  </section>
</body>
</html>
