import { measure as sample } from 'mitata'

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {(calls: number) => any} round makes that many calls and sums up what they give; may return a promise
 *
 * @typedef {object} Measured
 * @property {string} name
 * @property {number} ns CPU time a call: the median of the rounds
 * @property {number} times how many times the time of the first contender: the median over the rounds, which run side by side, so what the
 *   machine does besides touches both
 * @property {number} spread half the distance between the quartiles of the rounds, as a part of the median
 */

const ROUND_MICROSECONDS = 30_000
const WARM_UP_MICROSECONDS = 250_000

/** CPU time of the whole process in nanoseconds, so that what a contender leaves to the garbage collector's threads counts too. */
function cpuNanoseconds() {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

/** One sample a time: the contenders alternate, and calibration does the warming up. No collection before each: mitata would make one by filling a GiB. */
const ONCE = {
  now: cpuNanoseconds,
  min_samples: 1,
  max_samples: 1,
  min_cpu_time: 0,
  warmup_samples: 0,
  gc: false,
}

/** @param {Contender} contender @param {number} calls */
async function timed({ round }, calls) {
  let sum
  const { samples } = await sample(() => (sum = round(calls)), { ...ONCE, batch_threshold: 0 })
  return { sum: await sum, microseconds: samples[0] / 1000 }
}

/** @param {number[]} list @param {number} part */
function quantile(list, part) {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * part)]
}

/** Warms a contender up and finds how many calls make a round. @param {Contender} contender @param {number} lap keys in a whole lap */
async function calibrate(contender, lap) {
  let calls = lap
  for (let warm = 0; ; ) {
    const { microseconds } = await timed(contender, calls)
    warm += microseconds
    if (microseconds < ROUND_MICROSECONDS) calls *= 2
    else if (warm > WARM_UP_MICROSECONDS)
      return Math.max(lap, Math.round((calls * ROUND_MICROSECONDS) / microseconds / lap) * lap)
  }
}

/**
 * Times contenders that do the same work, in alternating rounds. Each round is a number of whole laps over the keys, so what it sums up, per
 * lap, must be the same for all.
 * @param {Contender[]} contenders
 * @param {{ lap: number, rounds?: number, sums?: boolean }} options `sums: false` where each lap has other answers
 * @returns {Promise<Measured[]>}
 */
export async function measure(contenders, { lap, rounds = 11, sums = true }) {
  const calls = []
  for (const contender of contenders) calls.push(await calibrate(contender, lap))
  /** @type {number[][]} */
  const times = contenders.map(() => [])
  const laps = new Set()
  for (let n = 0; n < rounds; n++) {
    const order = [...contenders.keys()]
    for (const i of n % 2 === 0 ? order : order.reverse()) {
      const { sum, microseconds } = await timed(contenders[i], calls[i])
      times[i].push((microseconds * 1000) / calls[i])
      if (sums) laps.add(sum / (calls[i] / lap))
    }
  }
  if (laps.size > 1) throw new Error(`the answers differ: sums of a lap are ${[...laps].join(', ')}`)
  return contenders.map(({ name }, i) => {
    const ns = quantile(times[i], 0.5)
    const ratios = times[i].map((time, n) => time / times[0][n])
    return {
      name,
      ns,
      times: quantile(ratios, 0.5),
      spread: (quantile(times[i], 0.75) - quantile(times[i], 0.25)) / 2 / ns,
    }
  })
}
