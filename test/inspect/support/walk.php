<?php
/*
 * walk_session($variables): what PHP has at each place, in the lines of lines.ts, in hexadecimal where text may hold anything. Slots are
 * counted as serialize() does it: by the place where a variable or an object is met first. Classes are not loaded, or have no __serialize.
 */
class SessionWalk
{
    public $lines = array();
    private $slots = 0;
    private $variables = array();
    private $objects = array();

    public function __construct($firstSlot)
    {
        $this->slots = $firstSlot;
    }

    public function members($container, $path, $class = null)
    {
        foreach (array_keys($container) as $key) {
            if ($key === '__PHP_Incomplete_Class_Name' && $class !== null) {
                continue;
            }
            $this->place($container, $key, $path . '/' . bin2hex((string) $key));
        }
    }

    private function place($container, $key, $path)
    {
        $reference = ReflectionReference::fromArrayElement($container, $key);
        if ($reference !== null && isset($this->variables[$reference->getId()])) {
            $this->lines[] = "$path - R " . $this->variables[$reference->getId()];
            return;
        }
        $slot = ++$this->slots;
        if ($reference !== null) {
            $this->variables[$reference->getId()] = $slot;
        }
        $this->value($container[$key], $slot, $path);
    }

    private function value($value, $slot, $path)
    {
        if (is_object($value)) {
            $id = spl_object_id($value);
            if (isset($this->objects[$id])) {
                $this->lines[] = "$path $slot r " . $this->objects[$id];
                return;
            }
            $this->objects[$id] = $slot;
            $members = (array) $value;
            $class = isset($members['__PHP_Incomplete_Class_Name']) ? $members['__PHP_Incomplete_Class_Name'] : get_class($value);
            $count = count($members) - (isset($members['__PHP_Incomplete_Class_Name']) ? 1 : 0);
            $this->lines[] = "$path $slot object $class $count";
            $this->members($members, $path, $class);
        } elseif (is_array($value)) {
            $this->lines[] = "$path $slot array " . count($value);
            $this->members($value, $path);
        } else {
            $this->lines[] = "$path $slot " . self::scalar($value);
        }
    }

    private static function scalar($value)
    {
        if ($value === null) {
            return 'null';
        }
        if (is_bool($value)) {
            return 'bool ' . ($value ? 'true' : 'false');
        }
        if (is_int($value)) {
            return 'int ' . $value;
        }
        return is_float($value) ? 'float ' . (is_nan($value) ? 'nan' : bin2hex(pack('E', $value))) : 'string ' . bin2hex($value);
    }
}

function walk_session($variables, $firstSlot)
{
    $walk = new SessionWalk($firstSlot);
    $walk->members($variables, '');
    return implode("\n", $walk->lines);
}
