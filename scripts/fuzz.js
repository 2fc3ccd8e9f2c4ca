// npm run fuzz -- <target> [seconds]: builds the targets of fuzz/ with what cargo-fuzz passes to rustc, by stable Rust, and runs one of them (or all,
// one after the other). What a run found useful stays in fuzz/corpus/, what failed in fuzz/artifacts/; both are not committed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const fuzz = fileURLToPath(new URL('../fuzz/', import.meta.url))
const targets = readdirSync(`${fuzz}fuzz_targets`).map(file => file.replace('.rs', ''))
const [wanted = 'all', seconds = '60'] = process.argv.slice(2)
const chosen = wanted === 'all' ? targets : targets.filter(name => name === wanted)
if (chosen.length === 0) {
  console.error(`fuzz: there is no target "${wanted}"; there are ${targets.join(', ')}, and all.`)
  process.exit(1)
}

const coverage = ['level=4', 'inline-8bit-counters', 'pc-table', 'trace-compares', 'stack-depth']
const flags = [
  '-Cpasses=sancov-module',
  ...coverage.map(what => `-Cllvm-args=-sanitizer-coverage-${what}`),
  '-Zsanitizer=address',
  '-Cdebug-assertions',
  '-Ccodegen-units=1',
  '--cfg=fuzzing',
]
const host = /host: (\S+)/.exec(spawnSync('rustc', ['-vV'], { encoding: 'utf8' }).stdout)?.[1] ?? ''
const env = {
  ...process.env,
  RUSTC_BOOTSTRAP: '1',
  RUSTFLAGS: flags.join(' '),
  CARGO_TARGET_DIR: `${fuzz}target`,
}
const built = spawnSync('cargo', ['build', '--release', '--target', host], {
  cwd: fuzz,
  env,
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(built.status ?? 1)

let failed = 0
for (const name of chosen) {
  for (const folder of ['corpus', 'artifacts']) mkdirSync(`${fuzz}${folder}/${name}`, { recursive: true })
  const { status } = spawnSync(
    `${fuzz}target/${host}/release/${name}`,
    [
      `-max_total_time=${seconds}`,
      '-print_final_stats=1',
      '-artifact_prefix=artifacts/' + name + '/',
      `corpus/${name}`,
    ],
    { cwd: fuzz, stdio: 'inherit' },
  )
  if (status !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
