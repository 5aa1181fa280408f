<?php
/** Shows how PHP reads the bytes in $input: session_start() gets them from here, and nothing is stored. */
class Customer
{
    public $name;
    private $since;
}

class Given implements SessionHandlerInterface
{
    public $bytes;

    public function open($path, $name): bool { return true; }
    public function close(): bool { return true; }
    #[ReturnTypeWillChange]
    public function read($id) { return $this->bytes; }
    public function write($id, $data): bool { return true; }
    public function destroy($id): bool { return true; }
    #[ReturnTypeWillChange]
    public function gc($max) { return 0; }
}

$given = new Given();
$given->bytes = $input;
session_set_save_handler($given, false);
session_start(['use_cookies' => 0, 'use_strict_mode' => 0, 'cache_limiter' => '']);
echo show($_SESSION, '', 72);
session_abort();
