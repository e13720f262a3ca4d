//! Bob's side of Cascade: what he asks, what he concludes, and which bits he flips.
//!
//! A pass is a line of cells, cut into intervals whose parity Alice has told. Splitting one costs a question and leaves two
//! such intervals, so nothing is ever asked twice ("sub-block reuse"):
//!
//! ```text
//!     |-------- even --------|------ odd ------|---- even ----|      an interval is odd where the keys differ in an
//!                            |-- ? --|                               odd number of its bits
//!                            |  odd  |  even   |                     one parity asked: the other half is known too
//! ```
//!
//! A bit found wrong is flipped in every pass; in the others it makes an even interval odd: the cascade. Odd intervals of the
//! lowest pass that has some are halved together, one round a halving: those of one pass are disjoint, so no two of them look
//! for the same bit, and small blocks go first as in the original.

use super::channel::{Channel, Range};
use super::plan::Plan;
use super::ranges::{blocks, last_set, next_set, parities};
use crate::ledger::{Ledger, Purpose};
use crate::reconcile::GoOn;
use crate::reconcile::permutation::Scratch;

/// Bob, who asks.
pub struct Bob<'a> {
    plan: &'a Plan,
    key: Vec<u64>,
    passes: Vec<Pass>,
    pub ledger: Ledger,
    /// Bits flipped; one that was flipped twice counts twice.
    pub flips: u64,
    scratch: Scratch,
    wave: Wave,
}

/// A pass that has begun.
struct Pass {
    cells: usize,
    /// His key in the order of this pass.
    words: Vec<u64>,
    /// A bit where an interval begins.
    cuts: Vec<u64>,
    /// A bit where an odd interval begins.
    odd: Vec<u64>,
    /// Words of `odd` that may hold one, and how many odd intervals there are.
    touched: Vec<u32>,
    open: usize,
}

/// Intervals that are halved together, and the working memory for it.
#[derive(Default)]
struct Wave {
    intervals: Vec<Range>,
    questions: Vec<Range>,
    hers: Vec<u8>,
    his: Vec<u8>,
    found: Vec<u32>,
}

impl<'a> Bob<'a> {
    pub fn new(plan: &'a Plan, key: &[u64]) -> Self {
        Self {
            plan,
            key: key.to_vec(),
            passes: Vec::new(),
            ledger: Ledger::new(),
            flips: 0,
            scratch: Scratch::default(),
            wave: Wave::default(),
        }
    }

    /// All passes; his key is then Alice's, as far as they can tell. `go_on` is asked before each search.
    pub fn reconcile(&mut self, channel: &mut impl Channel, go_on: &mut GoOn<'_>) {
        for pass in 0..self.plan.passes() {
            if !go_on() {
                return;
            }
            self.begin(pass, channel);
            while let Some(lowest) = self.passes.iter().position(|p| p.open > 0) {
                if !go_on() {
                    return;
                }
                self.search(lowest, channel);
                self.flip_found(lowest);
            }
        }
    }

    pub fn into_key(self) -> (Vec<u64>, Ledger, u64) {
        (self.key, self.ledger, self.flips)
    }

    fn begin(&mut self, pass: usize, channel: &mut impl Channel) {
        let (cells, size) = (self.plan.cells(pass), self.plan.block(pass));
        let words = self.plan.ordered(pass, &self.key, &mut self.scratch);
        let empty = vec![0; cells.div_ceil(64)];
        let mut begun = Pass { cells, words, cuts: empty.clone(), odd: empty, touched: Vec::new(), open: 0 };
        let Wave { questions, hers, his, .. } = &mut self.wave;
        questions.clear();
        questions.extend(blocks(cells, size));
        self.ledger.disclose(Purpose::Parities, questions.len() as u64);
        channel.begin(pass, hers);
        his.clear();
        parities(&begun.words, questions, his);
        for (((start, _), hers), his) in questions.iter().zip(hers).zip(his) {
            begun.cuts[*start as usize / 64] |= 1 << (start % 64);
            if *hers != *his {
                begun.toggle(*start as usize);
            }
        }
        self.passes.push(begun);
    }

    /// Halves all odd intervals of a pass until one bit is left of each.
    fn search(&mut self, pass: usize, channel: &mut impl Channel) {
        let Wave { intervals, questions, hers, his, found } = &mut self.wave;
        let lines = &mut self.passes[pass];
        lines.take_odd(intervals);
        found.clear();
        loop {
            intervals.retain(|(start, end)| {
                let many = end - start > 1;
                if !many {
                    found.push(*start);
                }
                many
            });
            if intervals.is_empty() {
                return;
            }
            questions.clear();
            questions.extend(intervals.iter().map(|(start, end)| (*start, start + (end - start).div_ceil(2))));
            self.ledger.disclose(Purpose::Parities, questions.len() as u64);
            channel.ask(pass, questions, hers);
            his.clear();
            parities(&lines.words, questions, his);
            for (((interval, (_, middle)), hers), his) in intervals.iter_mut().zip(&*questions).zip(&*hers).zip(&*his) {
                lines.cuts[*middle as usize / 64] |= 1 << (middle % 64);
                *if hers == his { &mut interval.0 } else { &mut interval.1 } = *middle;
            }
        }
    }

    fn flip_found(&mut self, pass: usize) {
        for k in 0..self.wave.found.len() {
            let cell = self.wave.found[k] as usize;
            let bit = self.plan.bit(pass, cell);
            // An empty cell is a zero for both.
            if bit >= self.plan.bits() {
                continue;
            }
            self.key[bit / 64] ^= 1 << (bit % 64);
            self.flips += 1;
            for (other, lines) in self.passes.iter_mut().enumerate() {
                let cell = if other == pass { cell } else { self.plan.cell(other, bit) };
                lines.words[cell / 64] ^= 1 << (cell % 64);
                if other != pass {
                    lines.toggle(last_set(&lines.cuts, cell));
                }
            }
        }
    }
}

impl Pass {
    /// An interval becomes odd, or even again.
    fn toggle(&mut self, start: usize) {
        let (word, bit) = (start / 64, 1 << (start % 64));
        if self.odd[word] == 0 {
            self.touched.push(word as u32);
        }
        self.odd[word] ^= bit;
        if self.odd[word] & bit != 0 { self.open += 1 } else { self.open -= 1 }
    }

    /// Moves all odd intervals out.
    fn take_odd(&mut self, into: &mut Vec<Range>) {
        into.clear();
        for k in self.touched.drain(..) {
            let odd = &mut self.odd[k as usize];
            while *odd != 0 {
                let start = 64 * k as usize + odd.trailing_zeros() as usize;
                into.push((start as u32, next_set(&self.cuts, start, self.cells) as u32));
                *odd &= *odd - 1;
            }
        }
        self.open = 0;
    }
}
