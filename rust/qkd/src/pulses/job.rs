//! A run: frames shared out among threads, and what they gave joined in order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cells::MOST_DETECTORS;
use super::clicks::Clicks;

/// Frames that a thread takes at once.
const FRAMES_PER_TURN: u64 = 16;

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    pub clicks: Clicks,
    /// Pulses sent: all that were asked for, unless the run was stopped.
    pub pulses: u64,
    /// Clicks of each detector, recorded or not.
    pub detections: [u64; MOST_DETECTORS],
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
    /// Runs `work` on every frame and joins the results in order.
    ///
    /// A run that is stopped keeps what came before the first frame, or turn of a thread, that is missing.
    pub fn run(&self, pulses: u64, frame: u64, work: &(dyn Fn(u64, u64, &mut Run) + Sync)) -> Run {
        let frames = pulses.div_ceil(frame);
        let turns = frames.div_ceil(FRAMES_PER_TURN);
        // Whether it was done to its end.
        let take = |turn: u64, out: &mut Run| {
            for k in turn * FRAMES_PER_TURN..((turn + 1) * FRAMES_PER_TURN).min(frames) {
                if (self.stop)() {
                    return false;
                }
                let length = frame.min(pulses - k * frame);
                work(k, length, out);
                out.pulses += length;
                (self.done)(length);
            }
            true
        };
        let threads = self.threads.clamp(1, usize::try_from(turns).unwrap_or(usize::MAX).max(1));
        if threads == 1 { alone(turns, &take) } else { together(threads, turns, &take) }
    }
}

/// All turns one after the other, into the same columns.
fn alone(turns: u64, take: &dyn Fn(u64, &mut Run) -> bool) -> Run {
    let mut all = Run::default();
    for turn in 0..turns {
        if !take(turn, &mut all) {
            break;
        }
        if turn == 0 {
            // Turns are alike: room for all of them, and some, is asked for once.
            let more = all.clicks.len() as u64 * (turns - 1);
            all.clicks.reserve(usize::try_from(more + more / 64).unwrap_or(0));
        }
    }
    all
}

/// Turns by whoever is free.
fn together(threads: usize, turns: u64, take: &(dyn Fn(u64, &mut Run) -> bool + Sync)) -> Run {
    let next = AtomicU64::new(0);
    let finished: Mutex<Vec<(u64, Run)>> = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let mut out = Run::default();
            if turn >= turns || !take(turn, &mut out) {
                return;
            }
            if let Ok(mut finished) = finished.lock() {
                finished.push((turn, out));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(worker);
        }
    });
    let mut turns = finished.into_inner().unwrap_or_default();
    turns.sort_by_key(|(k, _)| *k);
    let mut all = Run::default();
    all.clicks.reserve(turns.iter().map(|(_, run)| run.clicks.len()).sum());
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
