<?php
// Answers each line of JSON on stdin with a line of JSON on stdout, until stdin ends.
// Not by echo: what is echoed counts as the beginning of a response, after which sessions cannot be set up.
function answer_lines(callable $answer): void
{
    // Node's pipes are sockets to PHP, which stops reading those after a minute.
    stream_set_timeout(STDIN, 86400);
    while (($line = fgets(STDIN)) !== false) {
        fwrite(STDOUT, json_encode($answer(json_decode($line))) . "\n");
    }
}

/** The processor time of this process, in microseconds. */
function cpu_time(): float
{
    $usage = getrusage();
    return ($usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']) * 1e6 + $usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec'];
}

/** Sessions in a folder, without what belongs to HTTP, and without cleaning up by chance. */
function use_sessions_in(string $folder): void
{
    ini_set('display_errors', 'stderr');
    ini_set('session.save_path', $folder);
    ini_set('session.serialize_handler', 'php');
    ini_set('session.use_cookies', '0');
    ini_set('session.cache_limiter', '');
    ini_set('session.use_strict_mode', '1');
    ini_set('session.lazy_write', '1');
    ini_set('session.gc_probability', '0');
    ini_set('session.gc_maxlifetime', '1440');
}
