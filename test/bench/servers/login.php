<?php
// The same page in PHP.
session_start();
$_SESSION['csrf_token'] = bin2hex(random_bytes(16));
$_SESSION['return_to'] = '/account';
$_SESSION['attempts'] = 0;
header('Content-Type: text/html; charset=utf-8');
?>
<!doctype html>
<html lang="en">
<title>Log in</title>
<form method="post" action="/login">
<input type="hidden" name="csrf_token" value="<?= $_SESSION['csrf_token'] ?>">
<label>Name <input name="username"></label>
<label>Password <input name="password" type="password"></label>
<button>Log in</button>
</form>
