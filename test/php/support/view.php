<?php
/*
 * view($value): what a value holds, as text, in the terms of view.ts. Keys are sorted, since JavaScript has an order of
 * its own. Below four levels nothing is shown, because what is shared or circular would have no end.
 */
function view($value, $depth = 4)
{
    if ($value === null) {
        return 'null';
    }
    if (is_bool($value)) {
        return $value ? 'true' : 'false';
    }
    if (is_int($value)) {
        return 'int ' . $value;
    }
    if (is_float($value)) {
        return is_nan($value) ? 'nan' : 'float ' . bin2hex(pack('E', $value));
    }
    if (is_string($value)) {
        return 'string ' . bin2hex($value);
    }
    if ($depth === 0) {
        return '...';
    }
    if (is_array($value)) {
        return view_array($value, $depth - 1);
    }
    return view_object($value, $depth - 1);
}

function view_array($array, $depth)
{
    $isList = array_keys($array) === array_keys(array_keys($array));
    $parts = array();
    foreach ($array as $key => $element) {
        $parts[] = ($isList ? '' : (is_int($key) ? '#' . $key : bin2hex($key)) . ': ') . view($element, $depth);
    }
    if ($isList) {
        return '[' . implode(', ', $parts) . ']';
    }
    sort($parts, SORT_STRING);
    return '{' . implode(', ', $parts) . '}';
}

/* Classes are not loaded, except those that wrote their own bytes. */
function view_object($object, $depth)
{
    if (interface_exists('UnitEnum') && $object instanceof UnitEnum) {
        return get_class($object) . '::' . $object->name;
    }
    if ($object instanceof Serializable) {
        return get_class($object) . ' with bytes of its own';
    }
    $properties = (array) $object;
    $class = get_class($object);
    if ($class === '__PHP_Incomplete_Class') {
        $class = $properties['__PHP_Incomplete_Class_Name'];
        unset($properties['__PHP_Incomplete_Class_Name']);
    }
    $names = array();
    foreach (array_keys($properties) as $mangled) {
        $names[] = view_name((string) $mangled);
    }
    $parts = array();
    $at = 0;
    foreach ($properties as $mangled => $value) {
        list($owner, $name) = $names[$at++];
        $isParents = $owner !== '' && $owner !== '*' && $owner !== $class;
        $isTaken = count(array_keys(array_column($names, 1), $name, true)) > 1;
        $visibility = $owner === '' ? 'public' : ($owner === '*' ? 'protected' : 'private');
        $parts[] = bin2hex($isParents && $isTaken ? $mangled : $name) . ' ' . $visibility . ': ' . view($value, $depth);
    }
    sort($parts, SORT_STRING);
    return $class . '{' . implode(', ', $parts) . '}';
}

/* Whose property it is, and its plain name. */
function view_name($mangled)
{
    if ($mangled === '' || $mangled[0] !== "\0" || strpos($mangled, "\0", 1) === false) {
        return array('', $mangled);
    }
    return explode("\0", substr($mangled, 1), 2);
}
