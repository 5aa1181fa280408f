<?php
// Times PHP's own unserialize() and serialize(), and session_decode() and session_encode(), on the files given; one JSON line each.
// PHP's own array is let go outside the measured time, as our garbage collector's work is not in ours.
function median(array $numbers): float
{
    sort($numbers);
    return $numbers[intdiv(count($numbers), 2)];
}

function measure(callable $run): float
{
    $times = [];
    for ($round = 0; $round < 15; $round++) {
        $calls = 0;
        $start = hrtime(true);
        do {
            $run();
            $calls++;
        } while (hrtime(true) - $start < 20_000_000);
        $times[] = (hrtime(true) - $start) / 1000 / $calls;
    }
    return median($times);
}

foreach (array_slice($argv, 1) as $file) {
    $bytes = file_get_contents($file);
    $value = unserialize($bytes);
    $decode = measure(function () use ($bytes) { return unserialize($bytes); });
    $encode = measure(function () use ($value) { return serialize($value); });
    $cycle = measure(function () use ($bytes) {
        $session = unserialize($bytes);
        $session['counter'] = ($session['counter'] ?? 0) + 1;
        return serialize($session);
    });
    echo json_encode(['decode' => $decode, 'encode' => $encode, 'cycle' => $cycle]), "\n";
}
