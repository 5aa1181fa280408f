<?php
/*
 * random_session($seed) fills $_SESSION, and edit_session($edits) changes it as editSession() in edits.ts does. Loaded as the set-up of a
 * batch, in every PHP since 7.4. Whole floats are a million and more and ints are less, so that JavaScript can tell them apart.
 */

class SessionUser
{
    public $name;
    protected $mail;
    private $secret;

    public function fill($values)
    {
        list($this->name, $this->mail, $this->secret) = $values;
    }
}

class SessionMaker
{
    private $variables = array();
    private $objects = array();
    private $left = 30;

    public function session()
    {
        foreach (array('user', 'cart', 'n', '__proto__', 'é', 'last', '') as $key) {
            if (mt_rand(0, 3) > 0) {
                $this->put($_SESSION, $key, 3);
            }
        }
    }

    private function put(&$container, $key, $depth)
    {
        if (mt_rand(0, 5) === 0 && count($this->variables) > 0) {
            $container[$key] = &$this->variables[array_rand($this->variables)];
            return;
        }
        $container[$key] = $this->value($depth);
        // Where a variable that holds an object is read through an object met earlier, PHP makes one variable of what were two.
        if (mt_rand(0, 3) === 0 && !is_object($container[$key])) {
            $this->variables[] = &$container[$key];
        }
    }

    private function value($depth)
    {
        switch ($depth > 0 && $this->left-- > 0 ? mt_rand(0, 10) : mt_rand(0, 5)) {
            case 0:
                return array(null, true, false)[mt_rand(0, 2)];
            case 1:
                return mt_rand(0, 999999);
            case 2:
                return mt_rand(0, 99) + 0.5;
            case 3:
                return 1000000.0 + mt_rand(0, 99);
            case 4:
                return array('', 'Alice', "a|b;}\0", 'R:1;', "\xe9", '7')[mt_rand(0, 5)];
            case 5:
                return count($this->objects) > 0 ? $this->objects[array_rand($this->objects)] : 'x';
            case 6:
            case 7:
                return $this->list($depth);
            case 8:
            case 9:
                return $this->object($depth);
            default:
                return $this->keyed($depth);
        }
    }

    private function list($depth)
    {
        $list = array();
        for ($left = mt_rand(0, 4); $left > 0; $left--) {
            $this->put($list, count($list), $depth - 1);
        }
        return $list;
    }

    private function keyed($depth)
    {
        $keyed = array();
        $keys = mt_rand(0, 2) > 0 ? array('id', 'price', 'x') : array('id', 9, 3, '05', -1);
        foreach ($keys as $key) {
            if (mt_rand(0, 3) > 0) {
                $this->put($keyed, $key, $depth - 1);
            }
        }
        if (mt_rand(0, 9) === 0) {
            $keyed['itself'] = &$keyed;
        }
        return $keyed;
    }

    private function object($depth)
    {
        $values = array();
        foreach (array(0, 1, 2) as $key) {
            $this->put($values, $key, $depth - 1);
        }
        if (mt_rand(0, 1) === 0) {
            $object = new SessionUser();
            $object->fill($values);
        } else {
            $object = new stdClass();
            $object->a = $values[0];
            $object->b = &$values[1];
        }
        $this->objects[] = $object;
        return $object;
    }
}

function random_session($seed)
{
    mt_srand($seed);
    $maker = new SessionMaker();
    $maker->session();
}

function edit_session($edits)
{
    foreach ($edits as $edit) {
        list($what, $path) = $edit;
        $_SESSION = edit_inside($_SESSION, $path, $what, isset($edit[2]) ? $edit[2] : null);
    }
}

/* By value: a reference made to get at a place stays in the place as one, with itself only, and PHP writes it. */
function edit_inside($container, $path, $what, $given)
{
    $key = array_shift($path);
    if (count($path) === 0) {
        edit_place($what, $container, $key, $given);
    } elseif (is_object($container)) {
        $container->$key = edit_inside($container->$key, $path, $what, $given);
    } else {
        $container[$key] = edit_inside($container[$key], $path, $what, $given);
    }
    return $container;
}

function edit_place($what, &$container, $key, $given)
{
    if ($what === 'delete') {
        if (is_object($container)) {
            unset($container->$key);
        } else {
            unset($container[$key]);
        }
    } elseif ($what === 'again') {
        $value = $container[$key];
        unset($container[$key]);
        $container[$key] = $value;
    } elseif ($what === 'append') {
        if (is_object($container)) {
            $container->$key[] = edit_value($given);
        } else {
            $container[$key][] = edit_value($given);
        }
    } elseif ($what === 'add') {
        if (is_object($container)) {
            $container->$key += $given;
        } else {
            $container[$key] += $given;
        }
    } else {
        $value = $what === 'copy' ? $_SESSION[$given] : edit_value($given);
        if (is_object($container)) {
            $container->$key = $value;
        } else {
            $container[$key] = $value;
        }
    }
}

/* {"object": {…}} is an object; everything else is what json_decode makes of it, objects as arrays. */
function edit_value($given)
{
    if (!is_array($given)) {
        return $given;
    }
    $value = array_map('edit_value', isset($given['object']) ? $given['object'] : $given);
    return isset($given['object']) ? (object) $value : $value;
}
