import { gzipSync } from 'node:zlib'
import { explainSession } from '../../src/inspect/explain.ts'
import { inspectSession } from '../../src/inspect/inspect-session.ts'
import { serializeHandlerNames } from '../../src/serialize-handlers/serialize-handlers.ts'
import { fixtures } from '../oracle/fixtures.ts'
import { shapes } from '../php/support/hostile-shapes.ts'
import { describePhps } from '../php/support/phps.ts'
import { inSession } from './support/in-session.ts'
import { bytesOf, s } from './support/inspect.ts'

const object = 'O:1:"A":0:{}'
const KEY_CHANGED = 'A key was changed and its length was not, or the other way round'

// biome-ignore format: a table
const rows: [what: string, bytes: string, handler: string | undefined, expected: { cause: string; offset?: number; at?: string; path?: string; expected?: string; isDestroyed?: boolean; message?: string }, repaired: string | undefined, loses?: string][] = [
  ['a length that is too small', `a|i:1;b|s:3:"abcd";c|i:2;`, 'php', { cause: 'wrong length', offset: 10, at: '3', path: 'b', expected: 'a length of 4, not 3' }, `a|i:1;b|s:4:"abcd";c|i:2;`],
  ['a length that is too large', `b|s:9:"abcd";c|i:2;`, 'php', { cause: 'wrong length', at: '9', path: 'b' }, `b|s:4:"abcd";c|i:2;`],
  ['a length that is too large, in front of a key with a line end', `id|i:42;t|s:9:"abc";cart|a:0:{}new\nline|i:1;z|i:2;`, 'php', { cause: 'wrong length', at: '9', path: 't' }, `id|i:42;t|s:3:"abc";cart|a:0:{}new\nline|i:1;z|i:2;`],
  ['a length that is too small, next to a key with a line end', `id|i:42;t|s:2:"abc";new\nline|i:1;z|i:2;`, 'php', { cause: 'wrong length', at: '2', path: 't' }, `id|i:42;t|s:3:"abc";new\nline|i:1;z|i:2;`],
  ['the length of a key', `u|a:1:{s:3:"name";i:5;}`, 'php', { cause: 'wrong length', offset: 9, at: '3', path: 'u.name' }, `u|a:1:{s:4:"name";i:5;}`, 'the key of 3 bytes, if that was what is now name'],
  ['a key that lost a byte', `u|a:2:{s:4:"nme";i:5;s:1:"n";N;}`, 'php', { cause: 'wrong length', message: KEY_CHANGED, path: 'u.nme' }, `u|a:2:{s:3:"nme";i:5;s:1:"n";N;}`, 'the key of 4 bytes, if that was what is now nme'],
  ['a key that lost a byte in php_binary', '\x01ai:1;\x04nmei:5;', 'php_binary', { cause: 'wrong length', message: KEY_CHANGED, path: 'nme' }, '\x01ai:1;\x03nmei:5;', 'the key of 4 bytes, if that was what is now nme'],
  ['a key that lost a byte in serialize() output', `t|s:26:"a:1:{s:5:"nave";s:1:"b";}";n|i:1;`, 'php', { cause: 'wrong length' }, `t|s:25:"a:1:{s:4:"nave";s:1:"b";}";n|i:1;`, 'the key of 5 bytes, if that was what is now nave'],
  ['the length of a property’s name', `u|O:1:"A":2:{s:4:"\0*\0x";i:1;s:3:"name";i:5;}`, 'php', { cause: 'wrong length', path: 'u.name' }, `u|O:1:"A":2:{s:4:"\0*\0x";i:1;s:4:"name";i:5;}`, 'the key of 3 bytes, if that was what is now name'],
  ['the length of a class’s name', `u|O:4:"Users":1:{s:1:"x";i:1;}`, 'php', { cause: 'wrong length', at: '4', path: 'u' }, `u|O:5:"Users":1:{s:1:"x";i:1;}`, 'the class of 4 bytes, if that was what is now Users'],
  ['a class whose name went through a conversion', `u|O:5:"Caf\xe9":1:{s:5:"caf\xe9";i:1;}v|s:6:"\xe9t\xe9!";n|i:12345;`, 'php', { cause: 'charset conversion' }, `u|O:4:"Caf\xe9":1:{s:4:"caf\xe9";i:1;}v|s:4:"\xe9t\xe9!";n|i:12345;`],
  ['the length of an enum', `u|E:9:"Suit:Hearts";b|i:1;`, 'php', { cause: 'wrong length', at: '9', path: 'u' }, `u|E:11:"Suit:Hearts";b|i:1;`, 'the enum of 9 bytes, if that was what is now Suit:Hearts'],
  ['a length in serialize() output that was changed too', `t|s:20:"a:1:{i:0;s:3:"alice";}";`, 'php', { cause: 'wrong length', at: '20', path: 't' }, `t|s:22:"a:1:{i:0;s:5:"alice";}";`],
  ['a text with quotes in it', `t|a:2:{i:0;s:5:"a";s:1:"b";";i:1;N;}`, 'php', { cause: 'wrong length', path: 't[0]' }, `t|a:2:{i:0;s:11:"a";s:1:"b";";i:1;N;}`],
  ['a quote that was lost, and further variables behind', `n|i:1;name|s:5:"Alice;u|a:1:{${s('x')}i:1;}cart|a:1:{${s('sku')}${s('MUG')}}last|${s('end')}`, 'php', { cause: 'lost quote', offset: 21, at: '', path: 'name', expected: 'a quote' }, `n|i:1;name|s:5:"Alice";u|a:1:{${s('x')}i:1;}cart|a:1:{${s('sku')}${s('MUG')}}last|${s('end')}`],
  ['a quote that was lost in the last variable', `n|i:1;last|s:3:"end;`, 'php', { cause: 'lost quote', path: 'last' }, `n|i:1;last|s:3:"end";`],
  ['a quote that became another byte', `a|s:3:"abcx;b|s:3:"def";`, 'php', { cause: 'lost quote', at: 'x', path: 'a' }, `a|s:3:"abc";b|s:3:"def";`],
  ['a semicolon that was lost at the end of an array', `a|a:1:{i:0;s:3:"abc"}b|s:3:"def";`, 'php', { cause: 'lost semicolon', at: '', path: 'a[0]', expected: 'a semicolon' }, `a|a:1:{i:0;s:3:"abc";}b|s:3:"def";`],
  ['a semicolon that was lost, or is the first byte of a name', `a|s:3:"abc"cart|s:3:"def";`, 'php', { cause: 'lost semicolon' }, `a|s:3:"abc";cart|s:3:"def";`, 'the name art, if that was what is now cart'],
  ['a semicolon that became another byte, or is the first one of a name', `a|s:3:"abc"?cart|s:3:"def";`, 'php', { cause: 'lost semicolon' }, `a|s:3:"abc";cart|s:3:"def";`, "the name ['?cart'], if that was what is now cart"],
  ['a semicolon that became a byte that is in no name', `a|s:3:"abc"{cart|s:3:"def";`, 'php', { cause: 'lost semicolon', at: '{' }, `a|s:3:"abc";cart|s:3:"def";`],
  ['a semicolon that was lost in php_binary, where names have a length', '\x01as:3:"abc"\x04carts:3:"def";', 'php_binary', { cause: 'lost semicolon' }, '\x01as:3:"abc";\x04carts:3:"def";'],
  ['a semicolon that was lost at the end, where more may have followed', `a|i:1;b|s:3:"abc"`, 'php', { cause: 'truncated' }, 'a|i:1;', 'b, and what may have followed'],
  ['a semicolon that was lost behind an int', `id|i:4name|${s('Alice')}`, 'php', { cause: 'lost semicolon', offset: 6, at: '', path: 'id', expected: 'a semicolon', message: 'The semicolon behind a number was lost, or became another byte' }, `id|i:4;name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a semicolon that was lost behind an int whose last digit may be another’s', `id|i:427up|${s('Alice')}`, 'php', { cause: 'lost semicolon' }, `id|i:427;up|${s('Alice')}`, 'the number and the name, if they were not 427 and up'],
  ['a semicolon that was lost behind a bool', `ok|b:1name|${s('Alice')}`, 'php', { cause: 'lost semicolon', path: 'ok' }, `ok|b:1;name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a semicolon that was lost behind a float', `f|d:-1.5E-7name|${s('Alice')}`, 'php', { cause: 'lost semicolon', path: 'f' }, `f|d:-1.5E-7;name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a semicolon that was lost behind a null', `n|Nname|${s('Alice')}`, 'php', { cause: 'lost semicolon', path: 'n' }, `n|N;name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a semicolon that was lost behind a reference', `a|${object}b|r:1name|${s('Alice')}`, 'php', { cause: 'lost semicolon', path: 'b' }, `a|${object}b|r:1;name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a semicolon that became another byte behind a number', `a|a:1:{i:0;i:4?}b|i:1;`, 'php', { cause: 'lost semicolon', at: '?', path: 'a[0]' }, `a|a:1:{i:0;i:4;}b|i:1;`],
  ['a semicolon that was lost behind a number of several digits', `a|a:1:{i:0;i:42}b|i:1;`, 'php', { cause: 'lost semicolon', at: '' }, `a|a:1:{i:0;i:42;}b|i:1;`, 'the number 4, if that was what is now 42'],
  ['a semicolon that was lost behind a number of several digits in php_binary', '\x01ai:42\x01bi:1;', 'php_binary', { cause: 'lost semicolon', path: 'a' }, '\x01ai:42;\x01bi:1;', 'the number 4, if that was what is now 42'],
  ['a semicolon that was lost behind the number of an element', `a|a:2:{i:0i:4;i:1;i:2;}b|i:1;`, 'php', { cause: 'lost semicolon', path: 'a[0]' }, `a|a:2:{i:0;i:4;i:1;i:2;}b|i:1;`],
  ['a semicolon that was lost behind an enum', `id|i:42;o|E:11:"Suit:Hearts"name|${s('Alice')}`, 'php', { cause: 'lost semicolon', offset: 28, path: 'o', message: 'The semicolon behind an enum was lost, or became another byte' }, `id|i:42;o|E:11:"Suit:Hearts";name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a quote that was lost behind an enum', `o|E:11:"Suit:Hearts;name|${s('Alice')}`, 'php', { cause: 'lost quote', path: 'o' }, `o|E:11:"Suit:Hearts";name|${s('Alice')}`],
  ['a semicolon that was lost behind the number at the end, where more may have followed', `a|i:1;b|i:42`, 'php', { cause: 'truncated' }, 'a|i:1;', 'b, and what may have followed'],
  ['the quotes of the name and of the value', `a:2:{s:1:"a;s:3:"abc;${s('b')}${s('x')}}`, 'php_serialize', { cause: 'lost quote', path: 'a' }, `a:2:{${s('a')}${s('abc')}${s('b')}${s('x')}}`],
  ['a quote that was lost behind a text with quotes', `a|s:10:"x "y"; z t;b|${s('x')}`, 'php', { cause: 'lost quote', path: 'a' }, `a|s:10:"x "y"; z t";b|${s('x')}`],
  ['a length that is too large, and as long as a variable that follows', `a|s:16:"abc";n|i:4;b|i:5;c|${s('x')}`, 'php', { cause: 'wrong length', path: 'a' }, `a|s:3:"abc";n|i:4;b|i:5;c|${s('x')}`],
  ['an opening quote that was lost', `a|i:1;b|s:3:abc";c|${s('x')}d|${s('y')}`, 'php', { cause: 'lost quote', offset: 12, at: '', path: 'b', expected: 'a quote', message: 'The quote in front of a text was lost, or became another byte' }, `a|i:1;b|${s('abc')}c|${s('x')}d|${s('y')}`],
  ['an opening quote that was lost, of a text with quotes', `b|s:9:x";y|i:1;";c|${s('x')}`, 'php', { cause: 'lost quote' }, `b|${s('x";y|i:1;')}c|${s('x')}`],
  ['an opening quote that was lost, of an empty text', `b|s:0:";c|${s('x')}`, 'php', { cause: 'lost quote' }, `b|${s('')}c|${s('x')}`],
  ['an opening quote that was lost, of a property', `u|O:1:"A":1:{s:4:\0*\0x";i:1;}`, 'php', { cause: 'lost quote', path: 'u.x' }, `u|O:1:"A":1:{${s('\0*\0x')}i:1;}`],
  ['an opening quote that was lost, of a text that is not as long as it says', `a|i:1;b|s:4:abc";c|${s('x')}`, 'php', { cause: 'damaged', path: 'b' }, `a|i:1;c|${s('x')}`, 'b'],
  ['a colon that became another byte', `a|i:1;b|s;3:"abc";c|${s('x')}d|${s('y')}`, 'php', { cause: 'damaged', path: 'b' }, `a|i:1;c|${s('x')}d|${s('y')}`, 'b'],
  ['a colon that became another byte in php_binary', `\x01ai:1;\x01bs:3;"abc";\x01c${s('x')}\x01d${s('y')}`, 'php_binary', { cause: 'damaged', path: 'b' }, `\x01ai:1;\x01c${s('x')}\x01d${s('y')}`, 'b'],
  ['a colon that became another byte in php_serialize', `a:3:{${s('a')}s;3:"abc";${s('c')}${s('x')}${s('d')}${s('y')}}`, 'php_serialize', { cause: 'damaged', path: 'a' }, `a:2:{${s('c')}${s('x')}${s('d')}${s('y')}}`, 'a'],
  ['an opening quote that became another byte in php_serialize', `a:3:{${s('a')}s:3:?abc";${s('c')}${s('x')}${s('d')}${s('y')}}`, 'php_serialize', { cause: 'lost quote', at: '?', path: 'a' }, `a:3:{${s('a')}${s('abc')}${s('c')}${s('x')}${s('d')}${s('y')}}`],
  ['a colon of an array that became another byte, behind a text with quotes', `t|a:2:{i:0;${s('"x";y')}i:1;a;1:{${s('k')}i:1;}}u|${s('x')}`, 'php', { cause: 'damaged', path: 't[1]' }, `u|${s('x')}`, 't'],
  ['a text of wrong length with another damage behind', `a|s:2:"abc";b|i:x;c|${s('d')}`, 'php', { cause: 'damaged', path: 'a' }, `c|${s('d')}`, 'a and b'],
  ['a brace that was lost', `id|i:42;cart|a:1:{i:0;i:1;name|${s('Alice')}`, 'php', { cause: 'lost brace', offset: 26, at: '', path: 'cart', expected: 'a brace', message: 'The brace at the end of an array was lost, or became another byte' }, `id|i:42;cart|a:1:{i:0;i:1;}name|${s('Alice')}`, 'the name ame, if that was what is now name'],
  ['a brace that became another byte', `u|O:1:"A":1:{${s('x')}i:1;(v|i:1;`, 'php', { cause: 'lost brace', at: '(', path: 'u', message: 'The brace at the end of an object was lost, or became another byte' }, `u|O:1:"A":1:{${s('x')}i:1;}v|i:1;`, "the name ['(v'], if that was what is now v"],
  ['a brace that was lost of an empty array', `\x01aa:0:{\x01bi:1;`, 'php_binary', { cause: 'lost brace', path: 'a' }, `\x01aa:0:{}\x01bi:1;`],
  ['a brace that was lost in php_serialize', `a:3:{${s('u')}a:1:{i:0;i:1;${s('v')}${s('x')}${s('w')}a:0:{}}`, 'php_serialize', { cause: 'lost brace', at: '', path: 'u' }, `a:3:{${s('u')}a:1:{i:0;i:1;}${s('v')}${s('x')}${s('w')}a:0:{}}`],
  ['a brace that was lost where more elements follow', `u|a:2:{i:0;a:1:{i:0;i:1;i:1;i:2;}v|i:1;`, 'php', { cause: 'lost brace', path: 'u[0]' }, `u|a:2:{i:0;a:1:{i:0;i:1;}i:1;i:2;}v|i:1;`],
  ['a brace that was lost where elements of the outer one make its counts wrong', `u|a:1:{i:0;a:2:{i:0;a:0:{i:1;i:7;}}v|i:1;`, 'php', { cause: 'lost brace', path: 'u[0][0]' }, `u|a:1:{i:0;a:2:{i:0;a:0:{}i:1;i:7;}}v|i:1;`],
  ['a brace that was lost, or a count that is wrong', `u|a:1:{${s('x')}a:1:{i:0;i:1;i:1;i:2;}v|i:1;`, 'php', { cause: 'damaged', path: 'u.x' }, 'v|i:1;', 'u'],
  ['a brace that was lost at the end, where more may have followed', `a|i:1;u|a:1:{i:0;i:1;\n`, 'php', { cause: 'damaged', path: 'u' }, 'a|i:1;', 'u, and all that stands behind it'],
  ['a count that is too large', `a|a:3:{i:0;i:1;i:1;i:2;}b|i:1;`, 'php', { cause: 'wrong count', offset: 4, at: '3', path: 'a', expected: 'a count of 2, not 3' }, `a|a:2:{i:0;i:1;i:1;i:2;}b|i:1;`],
  ['a count that is too small', `a|a:1:{i:0;i:1;i:1;i:2;}b|i:1;`, 'php', { cause: 'wrong count', at: '1', path: 'a' }, `a|a:2:{i:0;i:1;i:1;i:2;}b|i:1;`],
  ['the count of the array around all', `a:1:{${s('a')}i:1;${s('b')}i:2;}`, 'php_serialize', { cause: 'wrong count', offset: 2, path: '' }, `a:2:{${s('a')}i:1;${s('b')}i:2;}`],
  ['the count of an object', `o|O:1:"A":5:{${s('x')}i:1;}`, 'php', { cause: 'wrong count', at: '5', path: 'o' }, `o|O:1:"A":1:{${s('x')}i:1;}`],
  ['names of properties without their NUL bytes', `u|O:1:"A":2:{s:4:"*x";i:1;s:4:"Ay";i:2;}`, 'php', { cause: 'lost NUL bytes', at: '*x', path: 'u.x' }, `u|O:1:"A":2:{s:4:"\0*\0x";i:1;s:4:"\0A\0y";i:2;}`],
  ['numbers that JavaScript wrote', 'a|d:Infinity;b|i:1e+25;c|b:true;d|d:nan;', undefined, { cause: 'wrong value', at: 'd:Infinity', path: 'a' }, 'a|d:INF;b|d:1.0E+25;c|b:1;d|d:NAN;'],
  ['spaces at the end', 'a|i:1;  ', 'php', { cause: 'trailing bytes', offset: 6 }, 'a|i:1;'],
  ['a newline behind php_serialize, which PHP passes over', `a:1:{${s('a')}i:1;}\n`, 'php_serialize', { cause: 'trailing newline', isDestroyed: false }, `a:1:{${s('a')}i:1;}`],
  ['the end of an older session that was longer', 'a|i:1;b|s:1:"x";ar";}', 'php', { cause: 'trailing bytes', offset: 16, at: 'ar";}', expected: 'the end' }, 'a|i:1;b|s:1:"x";', '5 bytes'],
  ['the same in php_serialize', `a:1:{${s('a')}i:1;}5;}`, 'php_serialize', { cause: 'trailing bytes', offset: 18, isDestroyed: false }, `a:1:{${s('a')}i:1;}`, '3 bytes'],
  ['php_serialize read as php', `a:2:{${s('a')}${object}${s('b')}r:2;}`, 'php', { cause: 'mixed handlers', offset: 0 }, `a|${object}b|r:1;`],
  ['php read as php_serialize', `a|${object}b|r:1;`, 'php_serialize', { cause: 'mixed handlers' }, `a:2:{${s('a')}${object}${s('b')}r:2;}`],
  ['php read as php_binary', 'user|i:1;', 'php_binary', { cause: 'mixed handlers' }, '\x04useri:1;'],
  ['php_binary read as php', '\x04useri:1;', 'php', { cause: 'mixed handlers' }, 'user|i:1;'],
  ['another handler’s session with a key that this one cannot hold', `a:1:{${s('a|b')}i:1;}`, 'php', { cause: 'mixed handlers' }, undefined],
  ['a session behind a session', `a:1:{${s('a')}i:1;}a:1:{${s('b')}i:2;}`, 'php_serialize', { cause: 'two sessions in one', offset: 18, isDestroyed: false }, `a:2:{${s('a')}i:1;${s('b')}i:2;}`],
  ['a session behind one with some of the same keys', `a:1:{${s('a')}i:1;}a:2:{${s('a')}i:3;${s('b')}i:2;}`, 'php_serialize', { cause: 'two sessions in one', isDestroyed: false }, `a:2:{${s('a')}i:1;${s('b')}i:2;}`, 'a of the second session'],
  ['a session of another handler behind a session', `a|i:1;a:1:{${s('b')}i:2;}`, 'php', { cause: 'two sessions in one', offset: 6, isDestroyed: true }, 'a|i:1;b|i:2;'],
  ['a key with a |', 'a|i:1;b|c|i:2;d|i:3;', 'php', { cause: 'forbidden key', at: 'b|c' }, 'a|i:1;d|i:3;', "the variable ['b|c']"],
  ['a key that is too long for php_binary', `\x01ai:1;\xc8${'k'.repeat(200)}i:2;\x01bi:3;`, 'php_binary', { cause: 'forbidden key', offset: 6 }, '\x01ai:1;\x01bi:3;', `the variable ${'k'.repeat(200)}`],
  ['a reference to a value that is not there', 'a|i:1;b|R:7;', 'php', { cause: 'dangling reference', offset: 8, at: 'R:7;', path: 'b' }, 'a|i:1;b|N;', 'what b referred to'],
  ['a reference to no object', 'a|i:1;b|a:1:{i:0;r:1;}c|i:1;', 'php', { cause: 'dangling reference', at: 'r:1;', path: 'b[0]' }, 'a|i:1;b|a:1:{i:0;N;}c|i:1;', 'what b[0] referred to'],
  ['one of several references', `a|${object}b|r:1;c|R:9;`, 'php', { cause: 'dangling reference', path: 'c' }, undefined],
  ['arrays that are too deep', `a|${'a:1:{i:0;'.repeat(4097)}N;${'}'.repeat(4097)}`, 'php', { cause: 'too deep', expected: 'at most 4096 levels' }, undefined],
  ['a variable that makes no sense', 'a|i:1;b|a:2:{i:0;i:x;}c|i:3;', 'php', { cause: 'damaged', path: 'b[0]' }, 'a|i:1;c|i:3;', 'b'],
  ['a variable that makes no sense in php_binary', '\x01ai:1;\x01bi:x;\x01ci:3;', 'php_binary', { cause: 'damaged', path: 'b' }, '\x01ai:1;\x01ci:3;', 'b'],
  ['a variable that makes no sense in php_serialize', `a:3:{${s('a')}i:1;${s('b')}i:x;${s('c')}i:3;}`, 'php_serialize', { cause: 'damaged', path: 'b' }, `a:2:{${s('a')}i:1;${s('c')}i:3;}`, 'b'],
  ['a variable that makes no sense in front of references', `a|i:x;b|${object}c|r:2;`, 'php', { cause: 'damaged', path: 'a' }, `b|${object}`, 'a and c, and all that stands behind it'],
  ['a first variable whose type was lost', `id|42;name|${s('x')}`, 'php', { cause: 'damaged', path: 'id' }, `name|${s('x')}`, 'id'],
  ['bytes that were overwritten', `a|i:1;b|a:2:{i:0;${'\0'.repeat(30)};}c|`, 'php', { cause: 'damaged', path: 'b[0]' }, 'a|i:1;', 'b, and all that stands behind it'],
  ['a byte order mark in front of php_serialize', `\xef\xbb\xbfa:1:{${s('a')}i:1;}`, undefined, { cause: 'leading bytes', offset: 0 }, `a:1:{${s('a')}i:1;}`],
  ['backslashes in front of quotes', 'a|s:3:\\"x\\\'y\\";', 'php', { cause: 'escaped' }, `a|${s("x'y")}`],
  ['backslashes in front of quotes, behind a number', 'n|i:42;u|s:3:\\"abc\\";v|s:3:\\"abc\\";last|i:1;', 'php', { cause: 'escaped' }, `n|i:42;u|${s('abc')}v|${s('abc')}last|i:1;`],
  ['backslashes in front of quotes, behind a number in php_binary', '\x01ni:42;\x01us:4:\\"a\\"bc\\";\x04lasti:1;', 'php_binary', { cause: 'escaped' }, `\x01ni:42;\x01u${s('a"bc')}\x04lasti:1;`],
  ['backslashes in front of quotes, behind a number in php_serialize', 'a:3:{i:0;i:42;s:1:\\"u\\";s:3:\\"abc\\";i:1;N;}', 'php_serialize', { cause: 'escaped' }, `a:3:{i:0;i:42;${s('u')}${s('abc')}i:1;N;}`],
  ['entities in place of quotes, behind a number', 'n|i:42;u|s:3:&quot;abc&quot;;last|i:1;', 'php', { cause: 'escaped' }, `n|i:42;u|${s('abc')}last|i:1;`],
  ['a text with a backslash of its own, behind a number', 'n|i:1;t|s:3:"a\\"b";last|i:1;', 'php', { cause: 'wrong length' }, 'n|i:1;t|s:4:"a\\"b";last|i:1;'],
]

describe('a session that PHP does not read', () => {
  it.each(rows)('is explained: %s', (_what, text, handler, expected, repaired, ...[loses]) => {
    const bytes = bytesOf(text)
    const diagnosis = explainSession(bytes, handler)!
    const { offset, length, before, at, after, repair } = diagnosis
    expect({ ...diagnosis, at: at.toString('latin1') }).toMatchObject({ isDestroyed: true, ...expected })
    expect(diagnosis.problem).toEqual(inspectSession(bytes, handler).problem)
    expect(
      Buffer.concat([before, at, after]).equals(bytes.subarray(offset - before.length, offset + length + after.length)),
    ).toBe(true)
    expect([repair?.bytes.toString('latin1'), repair?.loses]).toEqual([repaired, loses])
    if (repair !== undefined) expect(explainSession(repair.bytes, handler ?? diagnosis.serializeHandler)).toBeUndefined()
  })

  it.each([
    ['php', `id| i:42;name|${s('x')}`, `name|${s('x')}`],
    ['php_binary', `\x02id i:42;\x04name${s('x')}`, `\x04name${s('x')}`],
    ['php_serialize', `a:2:{${s('id')} i:42;${s('name')}${s('x')}}`, `a:1:{${s('name')}${s('x')}}`],
  ])('is a session when all but its first variable can be read, which tells its handler: %s', (handler, text, repaired) => {
    const diagnosis = explainSession(bytesOf(text))!
    expect(diagnosis).toMatchObject({ cause: 'damaged', serializeHandler: handler, path: 'id', repair: { loses: 'id' } })
    expect(diagnosis.repair!.bytes.toString('latin1')).toBe(repaired)
  })

  const foreign: [what: string, bytes: Buffer, cause: string, message: RegExp][] = [
    ['JSON', Buffer.from('{"user":"a|b"}'), 'json', /JSON/],
    ['gzip', gzipSync('a|i:1;'), 'not a session', /gzip/],
    ['igbinary', Buffer.from('000000021401110161060110', 'hex'), 'not a session', /igbinary/],
    ['msgpack', Buffer.from('81a161cd0102', 'hex'), 'not a session', /msgpack/],
    ['NUL bytes', Buffer.alloc(512), 'not a session', /NUL/],
    ['HTML', Buffer.from('<!DOCTYPE html><p>502</p>'), 'not a session', /HTML/],
    ['base64', Buffer.from(Buffer.from('a|i:1;b|s:1:"x";').toString('base64')), 'not a session', /base64 of a session/],
    [
      'an encrypted session of Laravel',
      Buffer.from(Buffer.from('{"iv":"x","value":"y","mac":"z"}').toString('base64')),
      'not a session',
      /Laravel/,
    ],
    ['a serialized string', bytesOf(s(`a:1:{${s('a')}i:1;}`)), 'not a session', /no array/],
    [
      'noise',
      Buffer.from(Array.from({ length: 999 }, (_, index) => (index * index * 31) & 255)),
      'not a session',
      /packed or encrypted/,
    ],
    [
      'prose',
      Buffer.from('The quick brown fox jumps over the lazy dog, and so on and so forth.'),
      'not a session',
      /as PHP writes/,
    ],
  ]
  it.each(foreign)('may be none at all: %s', (_what, bytes, cause, message) => {
    const diagnosis = explainSession(bytes)!
    expect(diagnosis).toMatchObject({ cause, serializeHandler: undefined, repair: undefined })
    expect(diagnosis.message).toMatch(message)
  })

  it('has nothing to explain when PHP reads it', () => {
    const found = fixtures().map(({ bytes, handler }) => explainSession(bytes, handler))
    expect(found.filter((diagnosis) => diagnosis !== undefined)).toEqual([])
    expect(explainSession(Buffer.alloc(0))).toBeUndefined()
  })

  it('may be large, with thousands of strings of wrong length', () => {
    const text = (count: number) =>
      `a|a:${count}:{${Array.from({ length: count }, (_, index) => `i:${index};s:4:"Zoë";`).join('')}}`
    const diagnosis = explainSession(Buffer.from(text(5000), 'latin1'))
    expect(diagnosis).toMatchObject({
      cause: 'charset conversion',
      repair: { what: '5000 lengths recomputed', loses: undefined },
    })
  })

  it.each(serializeHandlerNames)('may be large, with a brace lost among thousands of arrays (%s)', (handler) => {
    const texts = Array.from({ length: 20000 }, (_, index) => `a:2:{i:0;${s('x "y";z')}i:1;i:${index};}`)
    const keys: Record<string, (key: string) => string> = {
      php: (key) => `${key}|`,
      php_binary: (key) => `\x06${key}`,
      php_serialize: s,
    }
    const write = (values: readonly string[]) =>
      values.map((value, index) => keys[handler]!(`k${String(index).padStart(5, '0')}`) + value).join('')
    const session = (values: readonly string[]) =>
      handler === 'php_serialize' ? `a:${values.length}:{${write(values)}}` : write(values)
    const damaged = texts.with(10, texts[10]!.slice(0, -1))
    const repair = explainSession(bytesOf(session(damaged)), handler)?.repair
    expect(repair?.what).toBe('1 brace put back')
    expect(repair?.bytes.equals(bytesOf(session(texts)))).toBe(true)
  })

  it.each(shapes)('may be hostile: $what', ({ make }) => {
    const bytes = bytesOf(`first|i:1;x|${make(500)}last|s:3:"abcd";`)
    const repaired = explainSession(bytes, 'php')?.repair?.bytes
    if (repaired !== undefined)
      expect(inspectSession(repaired, 'php')).toMatchObject({
        problem: undefined,
        variables: expect.arrayContaining([expect.objectContaining({ key: 'first' })]),
      })
  })

  it('is never said to be of a handler that is not known', () => {
    expect(() => explainSession(Buffer.from('x'), 'json')).toThrow(TypeError)
  })
})

describePhps('a session that was explained and repaired', ['8.1', '8.5'], (php) => {
  it.each(serializeHandlerNames)('is read by PHP (%s)', async (handler) => {
    const repairs = rows.flatMap(([what, text, given]) => {
      const bytes = explainSession(bytesOf(text), given)?.repair?.bytes
      return bytes !== undefined && inspectSession(bytes, given).serializeHandler === handler ? [{ what, bytes }] : []
    })
    const code = `if (!enum_exists('Suit')) eval('enum Suit { case Hearts; }'); return session_decode($in) ? 'read' : 'refused';`
    const answers = await php().map(
      inSession(handler, code),
      repairs.map(({ bytes }) => bytes),
    )
    expect(repairs.map(({ what }, index) => [what, String(answers[index])])).toEqual(repairs.map(({ what }) => [what, 'read']))
  })
})
