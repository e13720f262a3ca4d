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

use ebit_random::math::ln_1p;
use ebit_random::{Lanes, Purpose};

use super::cells::{Cells, PATTERNS};
use super::clicks::{Buffer, Packed};
use super::dead::{Dead, Heard};
use super::job::{Job, Run};
use super::table::Table;

/// A frame is as many pulses as give this many clicks, within the bounds below: part of what a seed means.
const CLICKS_PER_FRAME: f64 = 1024.0;
const SHORTEST_FRAME: u64 = 1 << 20;
const LONGEST_FRAME: u64 = 1 << 50;

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

/// One way for a pulse to click.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Way {
    packed: Packed,
    pattern: u8,
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
                    ways.push(Way { packed: Packed::new(cell.tag, coins), pattern: pattern as u8 });
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
            // What no live detector heard is no click.
            recorded: std::array::from_fn(|live| live > 0 && cells.recorded[live]),
            dead_pulses: cells.dead_pulses,
            frame,
        }
    }

    /// The clicks of one frame of `length` pulses.
    fn frame(&self, root: u128, frame: u64, length: u64, out: &mut Run) {
        let mut lanes = Lanes::new(root, 0, frame, Purpose::Pulses);
        let start = frame * self.frame;
        let mut dead = Dead::new(self.detectors, self.dead_pulses);
        let mut buffer = Buffer::new();
        let mut heard = [0_u64; PATTERNS];
        let mut next = 0u64;
        loop {
            let pulse = next.saturating_add(silent(lanes.exponential() * self.scale));
            if pulse >= length {
                break;
            }
            next = pulse + 1;
            let way = &self.ways[self.table.draw(lanes.word())];
            let mut said = Heard { live: way.pattern, blind: 0 };
            if self.dead_pulses > 0 {
                said = dead.hear(pulse, way.pattern);
                next = next.max(dead.first_live());
            }
            heard[usize::from(said.live)] += 1;
            buffer.push(self.recorded[usize::from(said.live)], start + pulse, way.packed, said, &mut out.clicks);
        }
        buffer.flush(&mut out.clicks);
        for (detector, count) in out.detections.iter_mut().enumerate() {
            *count += heard.iter().enumerate().map(|(live, n)| n * (live as u64 >> detector & 1)).sum::<u64>();
        }
    }
}

/// Pulses before the next candidate: one less than the ceiling of the exponential `x`, or 0.
///
/// The cast rounds down and saturates, and takes 0 * infinity to 0.
#[inline(always)]
fn silent(x: f64) -> u64 {
    let whole = x as u64;
    whole - u64::from(whole > 0 && whole as f64 == x)
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
