<?php
require __DIR__ . '/shop.php';

require_own_form();
$sku = posted('sku');
if (isset($products[$sku])) {
    $item = $_SESSION['cart'][$sku] ?? ['price' => $products[$sku]['price'], 'quantity' => 0];
    $item['quantity'] += posted('change') === '-1' ? -1 : 1;
    if ($item['quantity'] > 0) {
        $_SESSION['cart'][$sku] = $item;
    } else {
        unset($_SESSION['cart'][$sku]);
    }
}
back_to_the_shop();
