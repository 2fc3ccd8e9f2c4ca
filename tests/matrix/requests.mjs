import { rememberBody } from '../../js/key/request.js'
import { distinct, same } from './pair.mjs'

/** Requests by method, URL, headers, body and what else can change the answer; their signals never count. */
const URL = 'https://example.org/a'
const ask = (init, url = URL) => [new Request(url, init)]
/** A POST whose body has been read, as a call does before it takes the key. */
const post = (body, init = {}) => {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const request = new Request(URL, { method: 'POST', body: bytes, ...init })
  rememberBody(request, bytes)
  return [request]
}
const unread = () => [new Request(URL, { method: 'POST', body: 'a' })]
class Own extends Request {}

export const requests = [
  same('equal Requests', () => ask()),
  same('equal Requests in equal objects', () => [{ ask: ask({ headers: { a: '1' } }) }]),
  same(
    'a Request and its clone',
    () => ask({ headers: { a: '1' } }),
    () => [ask({ headers: { a: '1' } })[0].clone()],
  ),
  same(
    'the signals of Requests',
    () => ask({ signal: new AbortController().signal }),
    () => ask({ signal: AbortSignal.abort() }),
  ),
  same(
    'the order in which headers were set',
    () => ask({ headers: { a: '1', b: '2' } }),
    () => ask({ headers: { b: '2', a: '1' } }),
  ),
  same(
    'the case of a header',
    () => ask({ headers: { 'X-A': '1' } }),
    () => ask({ headers: { 'x-a': '1' } }),
  ),
  same(
    'what is the default anyway',
    () => ask({ redirect: 'follow', cache: 'default', credentials: 'same-origin', mode: 'cors' }),
    () => ask(),
  ),
  same('equal bodies', () => post('a')),
  same('equal bodies of a megabyte', () => post(new Uint8Array(2 ** 20).fill(7))),
  distinct('equal Requests whose bodies nobody has read', unread),
  distinct(
    'a Request is not its URL',
    () => ask(),
    () => [URL],
  ),
  distinct(
    'the URL of a Request',
    () => ask(),
    () => ask({}, `${URL}?b`),
  ),
  distinct(
    'the fragment of a Request',
    () => ask(),
    () => ask({}, `${URL}#b`),
  ),
  distinct(
    'the method of a Request',
    () => ask(),
    () => ask({ method: 'HEAD' }),
  ),
  distinct(
    'the value of a header of a Request',
    () => ask({ headers: { a: '1' } }),
    () => ask({ headers: { a: '2' } }),
  ),
  distinct(
    'the name of a header of a Request',
    () => ask({ headers: { a: '1' } }),
    () => ask({ headers: { b: '1' } }),
  ),
  distinct(
    'a header too many',
    () => ask({ headers: { a: '1' } }),
    () => ask(),
  ),
  ...Object.entries({
    credentials: 'include',
    cache: 'no-store',
    redirect: 'manual',
    mode: 'no-cors',
    referrer: '',
    referrerPolicy: 'origin',
    integrity: 'sha256-abc',
  }).map(([name, value]) =>
    distinct(
      `the ${name} of a Request`,
      () => ask({ [name]: value }),
      () => ask(),
    ),
  ),
  distinct(
    'an integrity that looks like other settings',
    () => ask({ integrity: 'a\nredirect: manual' }),
    () => ask({ integrity: 'a', redirect: 'manual' }),
  ),
  distinct(
    'bodies',
    () => post('a'),
    () => post('b'),
  ),
  distinct(
    'bodies that differ in their last byte',
    () => post(new Uint8Array(2 ** 20)),
    () => post(new Uint8Array(2 ** 20).fill(1, -1)),
  ),
  distinct(
    'an empty body and none',
    () => post(new Uint8Array(0)),
    () => ask({ method: 'POST' }),
  ),
  distinct(
    'the length of a body of zeros',
    () => post(new Uint8Array(8)),
    () => post(new Uint8Array(9)),
  ),
  distinct(
    'bodies of one text and different types',
    () => post('a', { headers: { 'content-type': 'text/plain' } }),
    () => post('a', { headers: { 'content-type': 'text/html' } }),
  ),
  distinct(
    'a property added to a Request',
    () => [Object.assign(ask()[0], { note: 1 })],
    () => ask(),
  ),
  distinct(
    'a property that hides the method of a Request',
    () => [Object.defineProperty(ask()[0], 'method', { value: 'PUT', enumerable: true })],
    () => ask({ method: 'PUT' }),
  ),
  distinct('subclasses of Request', () => [new Own(URL)]),
  distinct(
    'a subclass of Request is none',
    () => [new Own(URL)],
    () => ask(),
  ),
  distinct('what only poses as a Request', () => [Object.create(Request.prototype)]),
  distinct(
    'a header that was changed after the Request was made',
    () => ask({ headers: { a: '1' } }),
    () => {
      const [request] = ask({ headers: { a: '1' } })
      request.headers.append('a', '2')
      return [request]
    },
  ),
]
