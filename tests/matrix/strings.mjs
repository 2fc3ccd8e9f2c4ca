import { distinct, same } from './pair.mjs'

/** Every string is itself, unit by unit. */
const long = 'x'.repeat(100_000)
const rope = (head, tail) => head + tail

export const strings = [
  same('one string', () => ['user:1234567890ab']),
  same(
    'a string however built',
    () => ['ab'],
    () => [['a', 'b'].join('')],
  ),
  same(
    'a long string built in pieces',
    () => [long],
    () => [rope('x'.repeat(50_000), 'x'.repeat(50_000))],
  ),
  same(
    'an ASCII string cut out of a wider one',
    () => ['abc'],
    () => ['\u4e2dabc\u4e2d'.slice(1, 4)],
  ),
  same(
    'an emoji and its escape',
    () => ['😀'],
    () => ['\u{1f600}'],
  ),
  same('an empty string', () => ['']),
  distinct(
    'a space is not nothing',
    () => [' '],
    () => [''],
  ),
  distinct(
    'case counts',
    () => ['a'],
    () => ['A'],
  ),
  distinct(
    'NUL is not nothing',
    () => ['\0'],
    () => [''],
  ),
  distinct(
    'a trailing NUL counts',
    () => ['a\0'],
    () => ['a'],
  ),
  distinct(
    'eight characters and a NUL more',
    () => ['12345678'],
    () => ['12345678\0'],
  ),
  distinct(
    'a lone surrogate is not U+FFFD',
    () => ['\ud800'],
    () => ['\ufffd'],
  ),
  distinct(
    'two lone surrogates',
    () => ['\ud800'],
    () => ['\ud801'],
  ),
  distinct(
    'a lone low surrogate is not a high one',
    () => ['\udc00'],
    () => ['\ud800'],
  ),
  distinct(
    'surrogates in the wrong order are no pair',
    () => ['\ud83d\ude00'],
    () => ['\ude00\ud83d'],
  ),
  distinct(
    'composed and decomposed letters',
    () => ['é'],
    () => ['e\u0301'],
  ),
  distinct(
    'compatible forms',
    () => ['ﬁ'],
    () => ['fi'],
  ),
  distinct(
    'a letter is not its UTF-8 read as Latin-1',
    () => ['é'],
    () => ['\u00c3\u00a9'],
  ),
  distinct(
    'one wide unit is not two narrow ones',
    () => ['\u0100'],
    () => ['\0\u0001'],
  ),
  distinct(
    'CRLF is not LF',
    () => ['a\r\nb'],
    () => ['a\nb'],
  ),
  distinct(
    'a byte order mark counts',
    () => ['\ufeffa'],
    () => ['a'],
  ),
  distinct(
    'the last of a hundred thousand characters counts',
    () => [`${long}a`],
    () => [`${long}b`],
  ),
  distinct(
    'a long string and one character more',
    () => [long],
    () => [`${long}x`],
  ),
  distinct(
    'the first character of a long wide string',
    () => [`中${long}`],
    () => [`文${long}`],
  ),
  same('the name of an inherited property', () => ['constructor']),
  distinct(
    'names of inherited properties',
    () => ['constructor'],
    () => ['toString'],
  ),
  same('the string __proto__', () => ['__proto__']),
  distinct(
    'numeric text with another spelling',
    () => ['1'],
    () => ['1.0'],
  ),
  distinct(
    'numeric text with a leading zero',
    () => ['1'],
    () => ['01'],
  ),
]
