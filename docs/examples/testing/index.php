<?php
// The PHP half of the shop.
session_start();
$user = htmlspecialchars($_SESSION['user'] ?? 'stranger');
$total = array_sum(array_column($_SESSION['cart'] ?? [], 'price'));
if (isset($_GET['logout'])) {
    session_destroy();
}
echo "<h1>Hello $user</h1><p>Your cart: $total €</p><a href='?logout'>Log out</a>";
