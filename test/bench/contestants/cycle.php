<?php
// Counts in one session: arguments are the folder and the id; each line says how often, the answer is what it took, as in answer.mjs.
require __DIR__ . '/answer.php';
[, $folder, $id] = $argv;
use_sessions_in($folder);

answer_lines(function (int $count) use ($id) {
    $cpuBefore = cpu_time();
    $start = hrtime(true);
    for ($i = 0; $i < $count; $i++) {
        session_id($id);
        session_start();
        $_SESSION['counter']++;
        session_write_close();
    }
    return ['us' => (hrtime(true) - $start) / 1000, 'cpu' => cpu_time() - $cpuBefore];
});
