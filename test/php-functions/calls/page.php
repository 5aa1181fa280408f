<?php
/*
 * The PHP side of the calls: makes those of one request and tells of each what it returned, the session's status, and what PHP said about it.
 * $request comes from what includes this. Runs in every PHP since 8.0.
 */
foreach ($request['ini'] as $name => $value) {
    ini_set('session.' . $name, (string) $value);
}

$said = [];
set_error_handler(function ($errno, $errstr) use (&$said) {
    // We have no file and line where output started, and systems number their errors in many ways.
    $said[] = " [$errno] " . preg_replace('/ \((output started at .*|\d+)\)/', '', $errstr);
    return true;
});

/* What was asked of the application's save handler. */
class Calls
{
    static $made = [];
    static $stored = [];
    static $failing = [];

    static function note($method, ...$given)
    {
        self::$made[] = $method . '(' . implode('; ', $given) . ')';
        return !isset(self::$failing[0]) || self::$failing[0] !== $method;
    }

    static function take()
    {
        $made = implode(' ', self::$made);
        self::$made = [];
        return $made;
    }
}

class Plain implements SessionHandlerInterface
{
    public function open($path, $name): bool
    {
        return Calls::note('open', $name);
    }

    public function close(): bool
    {
        return Calls::note('close');
    }

    public function read($id): string|false
    {
        return Calls::note('read', $id) ? Calls::$stored[$id] ?? '' : false;
    }

    public function write($id, $data): bool
    {
        Calls::$stored[$id] = $data;
        return Calls::note('write', $id, $data);
    }

    public function destroy($id): bool
    {
        unset(Calls::$stored[$id]);
        return Calls::note('destroy', $id);
    }

    public function gc($max_lifetime): int|false
    {
        return Calls::note('gc', $max_lifetime) ? 7 : false;
    }
}

class Full extends Plain implements SessionIdInterface, SessionUpdateTimestampHandlerInterface
{
    public function create_sid(): string
    {
        Calls::note('create_sid');
        return 'own-' . session_create_id();
    }

    public function validateId($id): bool
    {
        Calls::note('validateId', $id);
        return isset(Calls::$stored[$id]);
    }

    public function updateTimestamp($id, $data): bool
    {
        return Calls::note('updateTimestamp', $id, $data);
    }
}

/* Makes the session along with its id, so that nobody else gets it. */
class Reserving extends Full
{
    public function create_sid(): string
    {
        $id = parent::create_sid();
        Calls::$stored[$id] = '';
        return $id;
    }
}

/* What an application mostly does with PHP's class. */
class Upper extends SessionHandler
{
    public function read($id): string|false
    {
        Calls::note('read', $id);
        return strtolower(parent::read($id));
    }

    public function write($id, $data): bool
    {
        Calls::note('write', $id, $data);
        return parent::write($id, strtoupper($data));
    }
}

function handler($class, $failing)
{
    Calls::$failing = $failing;
    return new $class();
}

function functions($class, $count)
{
    $handler = new $class();
    $methods = ['open', 'close', 'read', 'write', 'destroy', 'gc', 'create_sid', 'validateId', 'updateTimestamp'];
    return array_map(fn ($method) => [$handler, $method], array_slice($methods, 0, $count));
}

function call($name, $given)
{
    switch ($name) {
        case 'get':
            return $_SESSION[$given[0]] ?? null;
        case 'read':
            return $_SESSION[$given[0]];
        case 'put':
            return $_SESSION[$given[0]] = $given[1];
        case 'keep':
            return session_status() === PHP_SESSION_ACTIVE ? $_SESSION[$given[0]] = $given[1] : null;
        case 'remove':
            unset($_SESSION[$given[0]]);
            return null;
        case 'vars':
            return (object) $_SESSION;
        case 'SID':
            return defined('SID') ? SID : '';
        case 'header':
            header($given[0], false);
            return null;
        case 'output':
            echo 'output';
            while (ob_get_level() > 0) {
                ob_end_flush();
            }
            flush();
            return null;
        case 'handler':
            return session_set_save_handler(handler($given[0], array_slice($given, 1)));
        case 'functions':
            return session_set_save_handler(...functions($given[0], $given[1]));
        case 'method':
            return (new SessionHandler())->{$given[0]}(...array_slice($given, 1));
        case 'calls':
            return Calls::take();
    }
    return $name(...$given);
}

function tell($name, $given)
{
    global $said;
    $said = [];
    try {
        $returned = json_encode(call($name, $given), JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
    } catch (Throwable $error) {
        $returned = 'throws ' . ($error instanceof TypeError || $error instanceof ValueError ? 'TypeError' : get_class($error));
    }
    return $returned . (session_status() === PHP_SESSION_ACTIVE ? ', active' : '') . implode('', $said);
}

$results = [];
foreach ($request['steps'] as [$name, $given]) {
    $results[] = tell($name, json_decode('[' . substr($given, 1, -1) . ']', true));
}
