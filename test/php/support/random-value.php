<?php
/*
 * Makes a PHP value from a seed: random_value($seed). Loaded as the set-up of a batch, in every PHP since 7.4.
 * What was made before is met again in four ways: as a copy, as the same object, as the same variable, from inside itself.
 */

class RandomParent
{
    public $shown;
    protected $kept;
    private $hidden;

    public function fill($values)
    {
        list($this->shown, $this->kept, $this->hidden) = $values;
    }
}

/* Has a private property of the same name as its parent's. */
class RandomChild extends RandomParent
{
    private $hidden;
    public $own;

    public function fillOwn($values)
    {
        list($this->hidden, $this->own) = $values;
    }
}

/* Its properties are what it says they are: keys of all kinds. */
class RandomMagic
{
    public $data = array();

    public function __serialize(): array
    {
        return $this->data;
    }

    public function __unserialize(array $data): void
    {
        $this->data = $data;
    }
}

class RandomSleeper extends RandomParent
{
    public $dropped = 'never seen';
    private $secret = 1.0;

    public function __sleep()
    {
        return array('secret', 'shown', 'kept');
    }
}

/* C: with bytes of its own, which PHP never looks into. */
class RandomOpaque implements Serializable
{
    public $bytes = '';

    public function serialize()
    {
        return $this->bytes;
    }

    public function unserialize($bytes)
    {
        $this->bytes = $bytes;
    }
}

/* C: with values inside that share the numbering of all others. */
class RandomNested implements Serializable
{
    public $data;

    public function serialize()
    {
        return serialize($this->data);
    }

    public function unserialize($bytes)
    {
        $this->data = unserialize($bytes);
    }
}

if (PHP_VERSION_ID >= 80100) {
    eval('enum RandomSuit: string { case Hearts = "h"; case Spades = "s"; }');
}

class RandomValues
{
    private $objects = array();
    private $variables = array();
    private $left = 40;
    private $withNested;

    public function __construct($withNested)
    {
        $this->withNested = $withNested;
    }

    public function value($depth)
    {
        $this->left--;
        $kind = $depth > 0 && $this->left > 0 ? mt_rand(0, 17) : mt_rand(0, 8);
        switch ($kind) {
            case 0:
                return null;
            case 1:
                return mt_rand(0, 1) === 1;
            case 2:
            case 3:
                return $this->int();
            case 4:
                return $this->float();
            case 5:
            case 6:
                return $this->string();
            case 7:
                return count($this->objects) > 0 ? $this->objects[array_rand($this->objects)] : $this->string();
            case 8:
                return $this->enum();
            default:
                return $kind < 14 ? $this->arrayOf($depth - 1) : $this->object($depth - 1);
        }
    }

    private function int()
    {
        $edges = array(0, -1, 2147483647, -2147483648, 4294967294, 4294967296, 9007199254740991, 9007199254740992,
            -9007199254740993, PHP_INT_MAX, PHP_INT_MIN);
        return mt_rand(0, 2) > 0 ? mt_rand(0, 300) - 100 : $edges[array_rand($edges)];
    }

    private function float()
    {
        switch (mt_rand(0, 4)) {
            case 0:
                $edges = array(0.0, -0.0, NAN, INF, -INF, 1.0, -2.0, 1e15, 1e16, 1e17, 1e21, 1e22, 0.0001, 0.00001, 5e-324, PHP_FLOAT_MAX);
                return $edges[array_rand($edges)];
            case 1:
                return mt_rand(-1000, 1000) / 4;
            case 2:
                return mt_rand() / mt_rand(1, 1000);
            default:
                $bytes = '';
                for ($i = 0; $i < 8; $i++) {
                    $bytes .= chr(mt_rand(0, 255));
                }
                return unpack('d', $bytes)[1];
        }
    }

    private function string()
    {
        $some = array('', 'a', 'cart', 'Zoë', '日本', "a\";b", 'N;', 'i:1;', "\0", '5', '-7', '05', '1.5', 'R:1;', '}', '|', "\xff", "caf\xe9", "\u{feff}x");
        if (mt_rand(0, 2) > 0) {
            return $some[array_rand($some)];
        }
        $bytes = '';
        for ($i = mt_rand(0, 90); $i > 0; $i--) {
            $bytes .= chr(mt_rand(mt_rand(0, 1) * 32, mt_rand(0, 3) === 0 ? 255 : 126));
        }
        return $bytes;
    }

    private function enum()
    {
        return PHP_VERSION_ID < 80100 ? $this->int() : constant(mt_rand(0, 1) === 1 ? 'RandomSuit::Hearts' : 'RandomSuit::Spades');
    }

    private function key()
    {
        $names = array('a', 'b', 'id', '__proto__', 'constructor', 'length', 'toString', '', 'é', "\xff\xfe", 'a b', "a\0b", "\0", '-0', '05',
            '1.5', '-', '9223372036854775808', '99999999999999999999');
        $ints = array(0, 1, 2, 3, 5, 10, 4294967294, 4294967295, 4294967296, -1, -5, 9007199254740993, PHP_INT_MAX, PHP_INT_MIN);
        return mt_rand(0, 2) > 0 ? $names[array_rand($names)] : $ints[array_rand($ints)];
    }

    private function arrayOf($depth)
    {
        $array = array();
        $isList = mt_rand(0, 2) > 0;
        $isLong = $isList && mt_rand(0, 9) === 0;
        for ($left = $isLong ? mt_rand(8, 20) : mt_rand(0, 4); $left > 0; $left--) {
            $key = $isList && mt_rand(0, 12) > 0 ? count($array) : $this->key();
            $this->put($array, $key, $depth);
        }
        if (mt_rand(0, 15) === 0) {
            $array['itself'] = &$array;
        }
        return $array;
    }

    /* A place holds a value of its own, or is the same variable as a place met before. */
    private function put(&$array, $key, $depth)
    {
        if (mt_rand(0, 7) === 0 && count($this->variables) > 0) {
            $array[$key] = &$this->variables[array_rand($this->variables)];
            return;
        }
        $array[$key] = $this->value($depth);
        if (mt_rand(0, 7) === 0) {
            $this->variables[] = &$array[$key];
        }
    }

    private function object($depth)
    {
        $kind = mt_rand(0, 9);
        if ($kind === 0 || $kind === 1) {
            $object = new stdClass();
        } elseif ($kind === 2) {
            $object = new RandomParent();
        } elseif ($kind === 3 || $kind === 4) {
            $object = new RandomChild();
        } elseif ($kind === 5) {
            $object = new RandomMagic();
        } elseif ($kind === 6) {
            $object = new RandomSleeper();
        } elseif ($kind === 7 || ($kind === 8 && !$this->withNested)) {
            $object = new RandomOpaque();
        } elseif ($kind === 8) {
            $object = new RandomNested();
        } else {
            return $this->builtIn($depth);
        }
        $this->objects[] = $object;
        if ($kind === 5) {
            $object->data = $this->arrayOf($depth);
        } elseif ($object instanceof RandomOpaque) {
            // Never what looks like a value: of such bytes nobody can tell whether serialize() wrote them and they take a slot.
            $object->bytes = '#' . $this->string();
        } elseif ($kind === 8) {
            $object->data = $this->value($depth);
        } else {
            if ($kind > 1) {
                $object->fill($this->list(3, $depth));
            }
            if ($kind === 3 || $kind === 4) {
                $object->fillOwn($this->list(2, $depth));
            }
            $this->properties($object, $kind < 2 ? mt_rand(0, 4) : mt_rand(0, 1), $depth);
        }
        return $object;
    }

    private function list($count, $depth)
    {
        $values = array();
        for ($i = 0; $i < $count; $i++) {
            $this->put($values, $i, $depth);
        }
        return $values;
    }

    private function properties($object, $count, $depth)
    {
        $names = array('a', 'b', 'length', '__proto__', 'constructor', '5', '0', '-1', '4294967296', 'é', "\xff", 'with space');
        for (; $count > 0; $count--) {
            $name = $names[array_rand($names)];
            if (mt_rand(0, 5) === 0 && count($this->variables) > 0) {
                $object->$name = &$this->variables[array_rand($this->variables)];
            } else {
                $object->$name = $this->value($depth);
            }
            if (mt_rand(0, 5) === 0) {
                $this->variables[] = &$object->$name;
            }
        }
    }

    private function builtIn($depth)
    {
        switch (mt_rand(0, 4)) {
            case 0:
                $object = new ArrayObject($this->arrayOf($depth));
                break;
            case 1:
                $object = new SplObjectStorage();
                foreach ($this->objects as $key) {
                    if (mt_rand(0, 2) === 0) {
                        $object[$key] = $this->value(0);
                    }
                }
                break;
            case 2:
                $object = new SplDoublyLinkedList();
                $object->push($this->value($depth));
                $object->push($this->value($depth));
                break;
            case 3:
                $object = new SplFixedArray(2);
                $object[1] = $this->value($depth);
                break;
            default:
                $object = new DateTime('@' . mt_rand());
        }
        $this->objects[] = $object;
        return $object;
    }
}

/* Without values inside the bytes of a C:, everything can be looked at from outside. */
function random_value($seed, $withNested = true)
{
    mt_srand($seed);
    $values = new RandomValues($withNested);
    return array('value' => $values->value(5), 'more' => $values->value(3));
}
