//! Runs a line by skipping from click to click, on all cores, with the same bits for any number of threads.
//!
//! ```text
//!   frame 0            frame 1            frame 2             one random stream each; detectors are live when it begins
//!   |--x----x--x-------|-----x------x-----|-x-------...
//!         ^ gap to the next candidate: geometric, drawn once; its cell and pattern: one alias draw
//! ```
//!
//! Candidates are drawn as if all detectors were live, which the source and the channel do not know about; a click on a
//! blind detector is then dropped. While all are blind nothing can be recorded, so the draw jumps to the end of the first
//! dead time: pulses are independent of each other, and what is skipped needs no number.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ebit_random::math::ln_1p;
use ebit_random::{Lanes, Purpose};

use super::cells::{Cells, MOST_DETECTORS, PATTERNS, Tag};
use super::table::Table;

/// A frame is as many pulses as give this many clicks, within the bounds below: part of what a seed means.
const CLICKS_PER_FRAME: f64 = 1024.0;
const SHORTEST_FRAME: u64 = 1 << 20;
const LONGEST_FRAME: u64 = 1 << 50;
/// Frames that a thread takes at once.
const FRAMES_PER_TURN: u64 = 16;

/// Pulses per frame of a line that clicks with this probability: a power of two.
#[must_use]
pub fn frame_pulses(click_probability: f64) -> u64 {
    let wanted = CLICKS_PER_FRAME / click_probability.max(1e-300);
    let mut frame = SHORTEST_FRAME;
    while (frame as f64) < wanted && frame < LONGEST_FRAME {
        frame *= 2;
    }
    frame
}

/// Recorded clicks, a column each, in the order of pulses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clicks {
    pub pulse: Vec<u64>,
    pub alice: Vec<u8>,
    pub bob: Vec<u8>,
    pub light: Vec<u8>,
    pub photons: Vec<u8>,
    pub note: Vec<u8>,
    /// Which detectors clicked: bit d is detector d.
    pub pattern: Vec<u8>,
    /// A random bit for each station, for a double click there: bit s is station s.
    pub coins: Vec<u8>,
}

impl Clicks {
    #[inline(always)]
    pub(crate) fn push(&mut self, pulse: u64, tag: Tag, pattern: u8, coins: u8) {
        self.pulse.push(pulse);
        self.alice.push(tag.alice);
        self.bob.push(tag.bob);
        self.light.push(tag.light);
        self.photons.push(tag.photons);
        self.note.push(tag.note);
        self.pattern.push(pattern);
        self.coins.push(coins);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pulse.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pulse.is_empty()
    }

    fn with_capacity(n: usize) -> Self {
        let bytes = || Vec::with_capacity(n);
        Self {
            pulse: Vec::with_capacity(n),
            alice: bytes(),
            bob: bytes(),
            light: bytes(),
            photons: bytes(),
            note: bytes(),
            pattern: bytes(),
            coins: bytes(),
        }
    }

    fn append(&mut self, other: &mut Self) {
        self.pulse.append(&mut other.pulse);
        self.alice.append(&mut other.alice);
        self.bob.append(&mut other.bob);
        self.light.append(&mut other.light);
        self.photons.append(&mut other.photons);
        self.note.append(&mut other.note);
        self.pattern.append(&mut other.pattern);
        self.coins.append(&mut other.coins);
    }
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    pub clicks: Clicks,
    /// Pulses sent: all that were asked for, unless the run was stopped.
    pub pulses: u64,
    /// Clicks of each detector, recorded or not.
    pub detections: [u64; MOST_DETECTORS],
}

/// One way for a pulse to click.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Way {
    tag: Tag,
    pattern: u8,
    coins: u8,
}

/// A line ready to be sampled.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    ways: Vec<Way>,
    table: Table,
    /// -1 / ln(1 - P): mean of the exponential whose ceiling is the gap; 0 when every pulse clicks.
    scale: f64,
    any: bool,
    detectors: usize,
    recorded: [bool; PATTERNS],
    dead_pulses: u64,
    frame: u64,
}

impl Sampler {
    /// Flattens cells into ways to click; a double click at a station is two ways, with either coin.
    #[must_use]
    pub fn new(cells: &Cells, frame: u64) -> Self {
        let mut ways = Vec::new();
        let mut weights = Vec::new();
        for cell in &cells.cells {
            for (pattern, p) in cell.patterns.iter().enumerate().skip(1) {
                if *p <= 0.0 {
                    continue;
                }
                let tossed: Vec<u8> = cells
                    .stations
                    .iter()
                    .enumerate()
                    .filter(|(_, detectors)| detectors.iter().filter(|d| pattern >> **d & 1 == 1).count() > 1)
                    .map(|(station, _)| 1 << station)
                    .collect();
                let combinations = 1usize << tossed.len();
                for choice in 0..combinations {
                    let coins = tossed.iter().enumerate().filter(|(k, _)| choice >> k & 1 == 1).map(|(_, bit)| bit).sum();
                    ways.push(Way { tag: cell.tag, pattern: pattern as u8, coins });
                    weights.push(cell.weight * p / combinations as f64);
                }
            }
        }
        let total: f64 = weights.iter().sum::<f64>().min(1.0);
        Self {
            table: Table::new(&weights),
            scale: -1.0 / ln_1p(-total),
            any: total > 0.0,
            ways,
            detectors: cells.detectors,
            recorded: cells.recorded,
            dead_pulses: cells.dead_pulses,
            frame,
        }
    }

    /// The clicks of one frame of `length` pulses.
    fn frame(&self, root: u128, frame: u64, length: u64, out: &mut Run) {
        let mut lanes = Lanes::new(root, 0, frame, Purpose::Pulses);
        let start = frame * self.frame;
        let mut dead = Dead::new(self.detectors, self.dead_pulses);
        let mut next = 0u64;
        loop {
            // The gap counts from 1; the cast saturates, and takes 0 * infinity to 0.
            let gap = ((lanes.exponential() * self.scale).ceil() as u64).max(1);
            let pulse = next.saturating_add(gap - 1);
            if pulse >= length {
                return;
            }
            next = pulse + 1;
            let way = &self.ways[self.table.draw(lanes.word())];
            let live = if self.dead_pulses == 0 { way.pattern } else { dead.hear(pulse, way.pattern) };
            if live == 0 {
                continue;
            }
            for (detector, count) in out.detections.iter_mut().enumerate() {
                *count += u64::from(live >> detector & 1);
            }
            if self.recorded[usize::from(live)] {
                out.clicks.push(start + pulse, way.tag, live, way.coins);
            }
            if self.dead_pulses > 0 {
                next = next.max(dead.first_live());
            }
        }
    }
}

/// When each detector is live again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dead {
    ready: [u64; MOST_DETECTORS],
    detectors: usize,
    pulses: u64,
}

impl Dead {
    #[must_use]
    pub fn new(detectors: usize, pulses: u64) -> Self {
        Self { ready: [0; MOST_DETECTORS], detectors, pulses }
    }

    /// The clicks of live detectors in a pattern; they are blind for the next pulses.
    #[inline(always)]
    pub fn hear(&mut self, pulse: u64, pattern: u8) -> u8 {
        let mut live = 0;
        for detector in 0..self.detectors {
            if pattern >> detector & 1 == 1 && self.ready[detector] <= pulse {
                live |= 1 << detector;
                self.ready[detector] = (pulse + 1).saturating_add(self.pulses);
            }
        }
        live
    }

    /// The first pulse at which any detector is live.
    #[inline(always)]
    #[must_use]
    pub fn first_live(&self) -> u64 {
        self.ready[..self.detectors].iter().copied().min().unwrap_or(0)
    }
}

/// How a run is watched and shared out.
pub struct Job<'a> {
    pub root: u128,
    pub threads: usize,
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told how many pulses were added.
    pub done: &'a (dyn Fn(u64) + Sync),
}

impl Job<'_> {
    /// Runs `work` on every turn of frames and joins the results in order.
    ///
    /// A run that is stopped keeps the turns before the first that is missing.
    pub fn run(&self, pulses: u64, frame: u64, work: &(dyn Fn(u64, u64, &mut Run) + Sync)) -> Run {
        let frames = pulses.div_ceil(frame);
        let turns = frames.div_ceil(FRAMES_PER_TURN);
        let next = AtomicU64::new(0);
        let finished: Mutex<Vec<(u64, Run)>> = Mutex::new(Vec::new());
        let worker = || {
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= turns {
                    return;
                }
                let mut out = Run { clicks: Clicks::with_capacity(1 << 14), ..Run::default() };
                for k in turn * FRAMES_PER_TURN..((turn + 1) * FRAMES_PER_TURN).min(frames) {
                    if (self.stop)() {
                        return;
                    }
                    let length = frame.min(pulses - k * frame);
                    work(k, length, &mut out);
                    out.pulses += length;
                    (self.done)(length);
                }
                if let Ok(mut finished) = finished.lock() {
                    finished.push((turn, out));
                }
            }
        };
        let threads = self.threads.clamp(1, usize::try_from(turns).unwrap_or(usize::MAX).max(1));
        if threads == 1 {
            worker();
        } else {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(worker);
                }
            });
        }
        let mut turns = finished.into_inner().unwrap_or_default();
        turns.sort_by_key(|(k, _)| *k);
        let clicks = turns.iter().map(|(_, run)| run.clicks.len()).sum();
        let mut all = Run { clicks: Clicks::with_capacity(clicks), ..Run::default() };
        for (place, (turn, mut run)) in turns.into_iter().enumerate() {
            if turn != place as u64 {
                break;
            }
            all.clicks.append(&mut run.clicks);
            all.pulses += run.pulses;
            for (sum, count) in all.detections.iter_mut().zip(run.detections) {
                *sum += count;
            }
        }
        all
    }
}

/// Sends `pulses` pulses in frames of `frame`.
#[must_use]
pub fn run(cells: &Cells, pulses: u64, frame: u64, job: &Job<'_>) -> Run {
    let sampler = Sampler::new(cells, frame);
    job.run(pulses, frame, &|k, length, out| {
        if sampler.any {
            sampler.frame(job.root, k, length, out);
        }
    })
}
