import { rejections } from './rejection-plans.mjs'
import { runPlan } from './run.mjs'

/** A process of its own: the test runner takes each unhandled rejection as a failure of the test. */

/** @type {unknown[]} */
const unhandled = []
process.on('unhandledRejection', error => void unhandled.push(error))

let count = 0
for (const plan of rejections) count += await runPlan(plan, 1, unhandled)
console.log(count)
