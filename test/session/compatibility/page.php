<?php
/*
 * The PHP side of a scenario: takes the steps of one request and says what each of them gave. $request comes from what includes this.
 * Runs in every PHP since 7.4.
 */
foreach ($request['ini'] as $name => $value) {
    ini_set('session.' . $name, (string) $value);
}

/* What does not succeed is "refused", whatever PHP says about it. */
function outcome($success)
{
    return $success === false ? 'refused' : 'done';
}

function look()
{
    $status = session_status() === PHP_SESSION_ACTIVE ? 'active' : 'none';
    return $status . ' ' . session_id() . ' ' . (isset($_SESSION) ? serialize($_SESSION) : 'null');
}

function step($step)
{
    $given = isset($step[1]) ? $step[1] : null;
    switch ($step[0]) {
        case 'start':
            return outcome($given === null ? session_start() : session_start($given));
        case 'id':
            session_id($given);
            return null;
        case 'set':
            $_SESSION[$given] = $step[2];
            return null;
        case 'delete':
            unset($_SESSION[$given]);
            return null;
        case 'assign':
            $_SESSION = $given;
            return null;
        case 'unset':
            return outcome(session_unset());
        case 'destroy':
            return outcome(session_destroy());
        case 'abort':
            return outcome(session_abort());
        case 'reset':
            return outcome(session_reset());
        case 'commit':
            return outcome(session_write_close());
        case 'regenerate':
            return outcome(session_regenerate_id((bool) $given));
        case 'gc':
            $count = session_gc();
            return $count === false ? 'refused' : (string) $count;
        case 'create_id':
            $id = $given === null ? session_create_id() : session_create_id($given);
            return $id === false ? 'refused' : $id;
        case 'shape':
            return strlen(session_id()) . (preg_match('/^[0-9a-f]+$/', session_id()) ? ' hexadecimal' : '');
        case 'encode':
            return (string) session_encode();
        case 'decode':
            return outcome(session_decode(utf8_to_bytes((string) $given)));
        case 'header':
            header($given, false);
            return null;
        case 'output':
            echo 'output';
            while (ob_get_level() > 0) {
                ob_end_flush();
            }
            flush();
            return null;
        case 'look':
            return look();
    }
    throw new Exception('no step ' . $step[0]);
}

/* JSON has no bytes: U+0000 to U+00FF stand for them. */
function utf8_to_bytes($text)
{
    return preg_replace_callback('/[\xc2\xc3][\x80-\xbf]/', function ($pair) {
        return chr((ord($pair[0][0]) & 3) << 6 | (ord($pair[0][1]) & 63));
    }, $text);
}

function bytes_to_utf8($bytes)
{
    return $bytes === null ? null : preg_replace_callback('/[\x80-\xff]/', function ($byte) {
        return chr(0xc0 | ord($byte[0]) >> 6) . chr(0x80 | (ord($byte[0]) & 63));
    }, $bytes);
}

$results = array();
foreach ($request['steps'] as $step) {
    try {
        $results[] = bytes_to_utf8(step($step));
    } catch (Throwable $error) {
        $results[] = 'refused';
    }
}
