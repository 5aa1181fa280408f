<?php
/** A value as PHP code, such as one would write it; objects with the visibility of their properties: + public, # protected, - private. */
function show($value, $indent = '', $width = 90)
{
    if (!is_array($value) && !is_object($value)) {
        return is_null($value) ? 'null' : var_export($value, true);
    }
    $isList = is_array($value) && array_keys($value) === range(0, count($value) - 1);
    $entries = [];
    foreach ((array) $value as $key => $item) {
        $shown = show($item, "$indent  ", $width);
        if (is_object($value)) {
            $at = strrpos((string) $key, "\0");
            $sign = $at === false ? '+' : ($key[1] === '*' ? '#' : '-');
            $entries[] = $sign . ($at === false ? $key : substr($key, $at + 1)) . ': ' . $shown;
        } else {
            $entries[] = $isList ? $shown : var_export($key, true) . ' => ' . $shown;
        }
    }
    list($open, $close) = is_object($value) ? [get_class($value) . ' {', '}'] : ['[', ']'];
    if (!$entries) {
        return $open . $close;
    }
    $line = $open . implode(', ', $entries) . $close;
    if (strlen($line) + strlen($indent) <= $width && strpos($line, "\n") === false) {
        return $line;
    }
    return "$open\n$indent  " . implode(",\n$indent  ", $entries) . ",\n$indent$close";
}
