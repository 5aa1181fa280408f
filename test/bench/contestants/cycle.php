<?php
// Counts in one session: arguments are the folder and the id; each line says how often, the answer is the microseconds taken.
require __DIR__ . '/answer.php';
[, $folder, $id] = $argv;
use_sessions_in($folder);

answer_lines(function (int $count) use ($id) {
    $start = hrtime(true);
    for ($i = 0; $i < $count; $i++) {
        session_id($id);
        session_start();
        $_SESSION['counter']++;
        session_write_close();
    }
    return (hrtime(true) - $start) / 1000;
});
