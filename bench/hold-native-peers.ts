/** Peers of the hold model outside JavaScript: C++ compiled on the spot, SimPy where it is installed, else a bare heapq loop. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LCG_INCREMENT, LCG_MULTIPLIER, TABLE_SIZE } from './hold.ts';
import type { HoldJob, HoldPeer } from './hold.ts';

/** The native peers that this machine can run, why others are missing, and how to tidy up. */
export interface NativePeers {
  readonly peers: readonly HoldPeer[];
  /** Name of the peer with records in the kernel's own order; undefined without a compiler. */
  readonly baseline: string | undefined;
  readonly remarks: readonly string[];
  readonly dispose: () => void;
}

/** Name of the C++ peer whose records carry the same keys as the kernel's events. */
export const SAME_ORDER = 'C++ priority_queue (time, tie, sequence, slot)';
const LEAN = 'C++ priority_queue (time, sequence, slot), no tie';

const CPP = `
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <vector>

struct Event {
  double time;
#ifdef TIE
  double tie;
#endif
  uint32_t sequence;
  int32_t slot;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    if (a.time != b.time) return a.time > b.time;
#ifdef TIE
    if (a.tie != b.tie) return a.tie > b.tie;
#endif
    return a.sequence > b.sequence;
  }
};

int main(int, char** arguments) {
  const long pending = std::atol(arguments[1]);
  const long operations = std::atol(arguments[2]);
  const bool drawn = arguments[3][0] == 'd';
  const double mean = 1000.0 * pending;
  uint32_t state = 1;
  auto draw = [&] {
    state = state * ${String(LCG_MULTIPLIER)}u + ${String(LCG_INCREMENT)}u;
    return std::floor(-std::log(((state >> 8) + 0.5) / 16777216.0) * mean);
  };
  std::vector<double> table(${String(TABLE_SIZE)});
  if (!drawn) for (auto& entry : table) entry = draw();
  uint32_t at = 0;
  auto next = [&] { return drawn ? draw() : table[at++ % ${String(TABLE_SIZE)}]; };

  uint32_t sequence = 0;
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  auto push = [&](double now, int32_t slot) {
    Event event{};
    event.time = now + next();
#ifdef TIE
    event.tie = sequence * 2654435761u;
#endif
    event.sequence = sequence++;
    event.slot = slot;
    queue.push(event);
  };
  for (long i = 0; i < pending; i++) push(0, static_cast<int32_t>(i));
  double checksum = 0;
  auto hold = [&](long count) {
    for (long i = 0; i < count; i++) {
      const Event event = queue.top();
      queue.pop();
      checksum += event.slot;
      push(event.time, event.slot);
    }
  };
  hold(operations / 4);
  const auto start = std::chrono::steady_clock::now();
  hold(operations);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.9f %.0f\\n", took.count(), checksum);
}
`;

const PYTHON_DRAW = `
import math, sys, time
pending, operations, drawn = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == 'drawn'
mean, state, at = 1000.0 * pending, 1, 0
def draw():
    global state
    state = (state * ${String(LCG_MULTIPLIER)} + ${String(LCG_INCREMENT)}) & 0xffffffff
    return math.floor(-math.log(((state >> 8) + 0.5) / 16777216) * mean)
table = [] if drawn else [draw() for _ in range(${String(TABLE_SIZE)})]
def prepared():
    global at
    at = (at + 1) % ${String(TABLE_SIZE)}
    return table[at]
next_increment = draw if drawn else prepared
`;

const SIMPY = `${PYTHON_DRAW}
import simpy
environment = simpy.Environment()
def schedule():
    environment.timeout(next_increment()).callbacks.append(fire)
def fire(event):
    schedule()
def hold(count):
    for _ in range(count):
        environment.step()
for _ in range(pending):
    schedule()
hold(operations // 4)
start = time.perf_counter()
hold(operations)
print(time.perf_counter() - start)
`;

const HEAPQ = `${PYTHON_DRAW}
import heapq
heap, sequence = [], 0
def schedule(now):
    global sequence
    heapq.heappush(heap, (now + next_increment(), sequence, fire))
    sequence += 1
def fire(now):
    schedule(now)
def hold(count):
    for _ in range(count):
        now, _sequence, callback = heapq.heappop(heap)
        callback(now)
for _ in range(pending):
    schedule(0.0)
hold(operations // 4)
start = time.perf_counter()
hold(operations)
print(time.perf_counter() - start)
`;

/** Looks for a C++ compiler and Python, and prepares what can be run. */
export function nativePeers(): NativePeers {
  const folder = mkdtempSync(join(tmpdir(), 'idflow-bench-'));
  const remarks: string[] = [];
  const peers: HoldPeer[] = [];
  const hasCompiler = isRunnable('g++', ['--version']);
  if (hasCompiler) {
    peers.push(cppPeer(folder, SAME_ORDER, ['-DTIE']), cppPeer(folder, LEAN, []));
  } else remarks.push('g++ is not installed: no C++ peer, no ratios');

  if (isRunnable('python3', ['-c', 'import simpy'])) peers.push(pythonPeer(folder, 'SimPy, callbacks', SIMPY));
  else if (isRunnable('python3', ['--version'])) {
    peers.push(pythonPeer(folder, 'python heapq loop, SimPy not installed', HEAPQ));
    remarks.push(
      'SimPy is not installed: a bare loop on heapq, without its events and processes, stands in and is faster than SimPy would be',
    );
  } else remarks.push('python3 is not installed: no Python peer');

  return {
    peers,
    remarks,
    baseline: hasCompiler ? SAME_ORDER : undefined,
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function cppPeer(folder: string, name: string, flags: readonly string[]): HoldPeer {
  const source = join(folder, 'hold.cpp');
  const binary = join(folder, `hold${flags.join('')}`);
  writeFileSync(source, CPP);
  execFileSync('g++', ['-O2', '-std=c++17', ...flags, '-o', binary, source]);
  return { name, run: (job) => secondsOf(binary, [], job) };
}

function pythonPeer(folder: string, name: string, program: string): HoldPeer {
  const script = join(folder, 'hold.py');
  writeFileSync(script, program);
  return { name, share: 0.1, run: (job) => secondsOf('python3', [script], job) };
}

function secondsOf(command: string, leading: readonly string[], job: HoldJob): number {
  const output = execFileSync(command, [...leading, String(job.pending), String(job.operations), job.increments], { encoding: 'utf8' });
  const seconds = Number(output.trim().split(' ')[0]);
  if (!(seconds > 0)) throw new Error(`${command} printed no time: ${output}`);
  return seconds;
}

function isRunnable(command: string, parameters: readonly string[]): boolean {
  const result = spawnSync(command, parameters, { stdio: 'ignore' });
  return result.error === undefined && result.status === 0;
}
