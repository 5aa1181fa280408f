<?php
// Removes old sessions, as gc.mjs does. While it does so, nothing else happens in its process.
require __DIR__ . '/answer.php';
[, $folder] = $argv;
use_sessions_in($folder);

answer_lines(function () {
    session_start();
    $start = hrtime(true);
    $removed = session_gc();
    $ms = (hrtime(true) - $start) / 1e6;
    session_destroy();
    return ['removed' => $removed, 'ms' => $ms, 'stall' => $ms];
});
