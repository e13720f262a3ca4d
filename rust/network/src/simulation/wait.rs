//! What a protocol can wait for, and what it is told when it goes on.
//!
//! Waits are levels, not edges: a wait is met when its condition holds at an instant at which its node is looked at. So
//! `All` means "all at once", and a pair belongs to a protocol only from the moment its whole wait is met.

use ebit_kernel::Tick;

use super::stage::LinkEnd;

/// Names a half that a protocol holds. A swap at the other end changes the pair it belongs to, not the handle.
pub type Handle = u64;
/// Names a measurement, a delivery or a swap that is under way.
pub type Operation = u64;

/// Which pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The half came over the link with this end here; None: any link.
    pub end: Option<LinkEnd>,
    /// Its other half is, as this node knows, at this node.
    pub far: Option<u32>,
    /// Its oldest elementary pair has reached this age; looked at after the swaps of an instant, as cut-offs are.
    pub age: Option<Tick>,
}

/// The closed vocabulary of waits.
#[derive(Debug, Clone, PartialEq)]
pub enum Wait {
    /// This time has come.
    Until(Tick),
    /// A message is there, from this node or from any.
    Message { from: Option<u32> },
    /// A pair is there that nobody at this node holds yet: the oldest; while that is in a swap at its other end, none.
    Pair(Wanted),
    /// Something begun is done.
    Outcome(Operation),
    /// The first in this order that is met.
    Any(Vec<Wait>),
    /// All are met at once.
    All(Vec<Wait>),
    /// The protocol has ended.
    Done,
}

/// How something begun ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A swap, and the identity of the pair it made; 0: it failed.
    Swap { ok: bool, pair: u64 },
    /// A measurement, in the frame in which every pair is Phi+.
    Bit(bool),
    /// Whatever gives nothing back.
    Done,
    /// The pair was lost before it could be.
    Lost,
}

/// What a protocol waited for.
#[derive(Debug, Clone, PartialEq)]
pub enum Wake {
    Start,
    Time,
    /// The number under which the sender's side keeps the content.
    Message(u64),
    Pair {
        handle: Handle,
        id: u64,
    },
    Outcome(Outcome),
    Any(usize, Box<Wake>),
    All(Vec<Wake>),
}

impl Wait {
    /// Calls `visit` for every wait that is neither `Any` nor `All`.
    pub fn each(&self, visit: &mut dyn FnMut(&Wait)) {
        match self {
            Self::Any(waits) | Self::All(waits) => waits.iter().for_each(|w| w.each(visit)),
            single => visit(single),
        }
    }
}
