<?php
// Counts in sessions that others count in too: php count.php <save_path> <times> <churn>; see count.cjs.
set_error_handler(function ($level, $message) {
    fwrite(STDERR, $message . "\n");
    exit(1);
});
[, $save_path, $times, $churn] = $argv;
ini_set('session.save_path', $save_path);
ini_set('session.use_cookies', '0');
ini_set('session.use_only_cookies', '0');
ini_set('session.use_strict_mode', '1');
ini_set('session.cache_limiter', '');
ini_set('session.gc_probability', '0');
for ($i = 0; $i < (int) $times; $i++) {
    session_id('counter' . $i % 3);
    session_start();
    $_SESSION['n']++;
    $_SESSION['cart'][] = ['php' => $i, 'price' => 1.0];
    if (count($_SESSION['cart']) > 20) {
        $_SESSION['cart'] = [];
    }
    session_write_close();
    if ($churn === '1' && $i % 5 === 0) {
        session_id('');
        session_start();
        $_SESSION['mine'] = $i;
        session_regenerate_id($i % 2 === 0);
        session_gc();
        session_destroy();
    }
}
