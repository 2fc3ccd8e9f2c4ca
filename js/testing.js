/** The test kit: for tests of what is memoized, under any runner. */

export { virtualClock } from './testing/clock.js'
export { counted } from './testing/counted.js'
export { expectCalls, expectHit, expectMiss } from './testing/expect.js'
export { recorded } from './testing/recorded.js'
