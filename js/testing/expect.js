import { MimicTypeError, show } from '../errors.js'
import { AssertionError } from './assertion.js'
import { callOf } from './call.js'

/** More calls than this are not listed. */
const MAX_LISTED = 8

/**
 * Throws unless a call with these arguments would be answered from the cache. Nothing is called, counted or changed.
 * @param {any} f a wrapped function
 * @param {...any} args
 */
export function expectHit(f, ...args) {
  expectOutcome('hit', expectHit, f, args)
}

/**
 * Throws unless a call with these arguments would call the function. Nothing is called, counted or changed.
 * @param {any} f a wrapped function
 * @param {...any} args
 */
export function expectMiss(f, ...args) {
  expectOutcome('miss', expectMiss, f, args)
}

/** @param {string} expected @param {Function} operator @param {any} f @param {any[]} args */
function expectOutcome(expected, operator, f, args) {
  if (typeof f?.explain !== 'function') {
    throw new MimicTypeError(
      'ERR_INVALID_ARGUMENT',
      `${operator.name}(f, ...args) takes a function that mime has wrapped; got ${show(f)}`,
    )
  }
  const explanation = f.explain(...args)
  const { outcome, key, text } = explanation
  if (outcome === expected) return
  const message = `expected ${f.name || 'the function'}${key.description} to ${expected}, but it would not:\n${text}`
  throw new AssertionError(message, { actual: outcome, expected, operator })
}

/**
 * Throws unless a function has been called so many times. For what `mime` has wrapped these are the calls of the function itself, hits
 * apart; else it is a spy: of `counted`, vitest, jest or node:test.
 * @param {any} f
 * @param {number} expected
 */
export function expectCalls(f, expected) {
  if (!(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new MimicTypeError(
      'ERR_INVALID_ARGUMENT',
      `expectCalls(f, n) takes a number of calls; got ${show(expected)}`,
    )
  }
  const isSpy = typeof f?.stats !== 'function'
  const calls = isSpy ? callsOf(f) : undefined
  const actual = calls?.length ?? f.stats().loads
  if (actual === expected) return
  const times = expected === 1 ? '1 call' : `${expected} calls`
  const message = `expected ${times} of ${f.name || 'the function'}, but there were ${actual}${calls ? listed(calls) : ''}`
  throw new AssertionError(message, { actual, expected, operator: expectCalls })
}

/** @param {any} spy @returns {any[][]} the arguments of its calls */
function callsOf(spy) {
  const calls = spy?.calls ?? spy?.mock?.calls
  if (!Array.isArray(calls)) {
    throw new MimicTypeError(
      'ERR_INVALID_ARGUMENT',
      `expectCalls(f, n) takes a function that mime has wrapped, counted(fn), or a spy with mock.calls; got ${show(spy)}`,
    )
  }
  // node:test has an object for each call.
  return calls.map(call => (Array.isArray(call) ? call : call.arguments))
}

/** @param {any[][]} calls */
function listed(calls) {
  if (calls.length === 0) return ''
  const texts = calls.slice(0, MAX_LISTED).map(args => callOf(args).text)
  const more = calls.length > MAX_LISTED ? `, … ${calls.length - MAX_LISTED} more` : ''
  return `: ${texts.join(', ')}${more}`
}
