//! What a replica leaves behind: one row per delivered pair, in columns.

use ebit_kernel::{Tick, TickScale, Trace};

/// Delivered pairs of one request in one replica, in order of delivery.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Columns {
    pub delivered: Vec<Tick>,
    pub fidelity: Vec<f64>,
    pub qber_x: Vec<f64>,
    pub qber_z: Vec<f64>,
}

/// Bytes that one delivered pair costs: four columns here, and the two time columns in seconds handed out.
pub const BYTES_PER_PAIR: u64 = 4 * 8 + 2 * 8;

impl Columns {
    #[inline]
    pub fn push(&mut self, now: Tick, [fidelity, qber_x, qber_z]: [f64; 3]) {
        self.delivered.push(now);
        self.fidelity.push(fidelity);
        self.qber_x.push(qber_x);
        self.qber_z.push(qber_z);
    }

    pub fn time_s(&self, scale: TickScale) -> impl Iterator<Item = f64> + '_ {
        self.delivered.iter().map(move |&t| scale.seconds(t))
    }

    /// The gap to the former delivery; the first: from the request's start.
    pub fn waiting_time_s(&self, start: Tick, scale: TickScale) -> impl Iterator<Item = f64> + '_ {
        let former = std::iter::once(start).chain(self.delivered.iter().copied());
        self.delivered.iter().zip(former).map(move |(&t, f)| scale.seconds(t - f))
    }
}

/// One event, as the log shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Herald = 0,
    Swap = 1,
    SwapFailed = 2,
    Message = 3,
    StaleMessage = 4,
    LostMessage = 5,
    Dropped = 6,
    Delivered = 7,
    AttemptFailed = 8,
    Distilled = 9,
    DistillFailed = 10,
}

impl Kind {
    pub const NAMES: [&'static str; 11] = [
        "herald",
        "swap",
        "swap_failed",
        "message",
        "stale_message",
        "lost_message",
        "dropped",
        "delivered",
        "attempt_failed",
        "distilled",
        "distill_failed",
    ];
}

/// Counts of what happened, whether or not it was logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events the kernel processed.
    pub events: u64,
    /// Heralded attempts, failures included.
    pub attempts: u64,
    pub swaps: u64,
    pub messages: u64,
    pub stale_messages: u64,
    pub lost_messages: u64,
    /// Pairs dropped by a cut-off.
    pub dropped: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ReplicaResult {
    pub replica: u64,
    /// Per request.
    pub columns: Vec<Columns>,
    /// Per request: ticks from its start to its end (last pair, or the horizon).
    pub time: Vec<Tick>,
    /// Per request: all its pairs came.
    pub finished: Vec<bool>,
    /// Everyone waited for ever before the horizon.
    pub stuck: bool,
    pub counts: Counts,
    /// When, what ([`Kind`]), where (a link for heralds and attempts, else a node), which pair.
    pub log: Trace,
}
