<?php
require __DIR__ . '/shop.php';

require_own_form();
$name = trim(posted('name'));
if (preg_match('/^\P{C}{1,40}$/u', $name)) {
    session_regenerate_id(true);
    $_SESSION['user'] = new Customer($name);
}
back_to_the_shop();
