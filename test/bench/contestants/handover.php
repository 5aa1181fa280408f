<?php
// Takes the lock on one session again and again, as handover.mjs does.
require __DIR__ . '/answer.php';
[, $folder, $id] = $argv;
use_sessions_in($folder);

answer_lines(function (int $count) use ($id) {
    $turns = [];
    for ($i = 0; $i < $count; $i++) {
        $asked = hrtime(true);
        session_id($id);
        session_start();
        $came = hrtime(true);
        $_SESSION['counter']++;
        usleep(2000);
        $turns[] = [$asked, $came, hrtime(true)];
        session_write_close();
        // The other one has it now, and holds it for longer than this.
        usleep(1000);
    }
    return $turns;
});
