<?php
/** What every page of the shop needs: the session, the visitor, the cart. */

class Customer
{
    public $name;
    private $since;

    public function __construct($name)
    {
        $this->name = $name;
        $this->since = new DateTimeImmutable();
    }

    public function since()
    {
        return $this->since->setTimezone(new DateTimeZone('UTC'))->format('H:i');
    }
}

session_start();

if (!isset($_SESSION['csrf'])) {
    $_SESSION['csrf'] = bin2hex(random_bytes(8));
    $_SESSION['cart'] = [];
}

$products = json_decode(file_get_contents(__DIR__ . '/products.json'), true);

function e($text)
{
    return htmlspecialchars((string) $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function money($amount)
{
    return '€ ' . number_format($amount, 2);
}

function total($cart)
{
    $total = 0.0;
    foreach ($cart as $item) {
        $total += $item['price'] * $item['quantity'];
    }
    return $total;
}

/** What a form sent under this name, if it is text; forms can send arrays too. */
function posted($name)
{
    return isset($_POST[$name]) && is_string($_POST[$name]) ? $_POST[$name] : '';
}

/** Lets through only forms that this session handed out. */
function require_own_form()
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        http_response_code(405);
        header('Allow: POST');
        exit('This address takes a form.');
    }
    if (!hash_equals($_SESSION['csrf'], posted('csrf'))) {
        http_response_code(403);
        exit('This form is not of your session. Go back and load the page again.');
    }
}

function back_to_the_shop()
{
    header('Location: /php/', true, 303);
    exit;
}
