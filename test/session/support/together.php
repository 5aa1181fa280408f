<?php
/*
 * `php together.php <json>`: one of several processes that work on the same sessions; together.cjs does the same in Node. Prints what it did
 * as JSON. {"save_path": …, "turns": …, "name": …, "isWild": …}
 */
$options = json_decode($argv[1], true);
foreach (array('save_path' => $options['save_path'], 'use_cookies' => 0, 'cache_limiter' => '', 'gc_probability' => 0) as $name => $value) {
    ini_set("session.$name", $value);
}
error_reporting(E_ALL);
set_error_handler(function ($level, $message) {
    // PHP says so when it finds the file gone, and a moment later made again by the next process: all is as it should be.
    if ($message !== 'session_destroy(): Session object destruction failed') {
        $GLOBALS['done']['errors'][] = $message;
    }
});
ob_start();

$own = 'own-' . $options['name'];
$done = array('errors' => array(), 'counted' => array('a' => 0, 'b' => 0), 'own' => 0);

/* The text tells by the count how long it is and of what: a session of which a part is missing is found. */
function pad($n)
{
    return str_repeat((string) ($n % 10), $n * 7 % 300);
}

function count_up()
{
    $n = isset($_SESSION['n']) ? $_SESSION['n'] : 0;
    if ($n > 0 && $_SESSION['pad'] !== pad($n)) {
        $GLOBALS['done']['errors'][] = "torn at $n";
    }
    $_SESSION['n'] = $n + 1;
    $_SESSION['pad'] = pad($n + 1);
}

function on_session($id, $work)
{
    session_id($id);
    session_start();
    $work();
    session_write_close();
}

for ($turn = 0; $turn < $options['turns']; $turn++) {
    $choice = $options['isWild'] ? mt_rand(0, 9) : 0;
    if ($choice < 5) {
        $id = mt_rand(0, 1) === 0 ? 'a' : 'b';
        on_session($id, 'count_up');
        $done['counted'][$id]++;
    } elseif ($choice < 8) {
        on_session($own, function () use ($choice) {
            count_up();
            session_regenerate_id($choice === 5);
        });
        $own = session_id();
        $done['own']++;
    } elseif ($choice === 8) {
        session_id('doomed');
        session_start();
        count_up();
        session_write_close();
        session_start();
        session_destroy();
    } elseif ($turn % 10 === 0) {
        session_id('cleaner');
        session_start();
        session_gc();
        session_abort();
    }
}
on_session($own, function () {
    $GLOBALS['done']['isOwnRight'] = (isset($_SESSION['n']) ? $_SESSION['n'] : 0) === $GLOBALS['done']['own'];
});
ob_end_clean();
echo json_encode($done);
