//! Decoding by layered normalised min-sum with messages of eight bits, a whole row of the base matrix at a time.
//!
//! Bits and checks lie in groups of `lift`, so that what a row needs of a column is one turned stretch of bytes: the loops are
//! straight vector code. A check's message is three quarters of the least magnitude of its other bits (Chen and Fossorier,
//! doi:10.1109/26.990903). Messages have eight bits, beliefs sixteen, which no sum of a column exceeds: beliefs that saturate
//! drift, and in columns of high degree into wrong words. All are integers, so every machine finds the same word.
//!
//! Codes of low rate have checks of few bits, all of them unsure: there the least one says too little, and messages are those
//! of belief propagation but for a correction by straight lines ([`Rule::BoxPlus`]).

use ebit_bits::vectorize;

use super::code::Code;
use crate::reconcile::GoOn;

/// Belief in a bit that is known: more than all checks of a column can say against it.
pub const CERTAIN: i16 = 16_384;
/// The largest magnitude of a message.
const MOST: u8 = 127;

/// What a check says to one of its bits, from what it hears of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Their least magnitude, scaled.
    MinSum,
    /// ln of the odds of their sum, beliefs in eighths: for two, a and b, the lesser magnitude + c(|a| + |b|) - c(||a| - |b||) with
    /// c(x) = ln(1 + e^-x) by a straight line (Hu, Eleftheriou, Arnold and Dholakia 2001, doi:10.1109/GLOCOM.2001.965575).
    BoxPlus,
}

/// Bytes of a vector.
const WIDE: usize = 32;

/// Working memory for one code. Stretches of `lift` bytes are filled up to whole vectors.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What is believed of each bit: positive for 0.
    beliefs: Vec<i16>,
    /// The last message of each check to each of its bits, entry by entry.
    messages: Vec<i8>,
    /// Beliefs of a row's bits without that row's messages, entry by entry: in full, and as messages.
    full: Vec<i16>,
    others: Vec<i8>,
    /// What the bits before each one say together, entry by entry.
    ahead: Vec<i8>,
    row: Row,
}

/// What a row of the base matrix knows of its bits, check by check.
#[derive(Debug, Default)]
struct Row {
    /// The least magnitude and the next.
    least: Vec<u8>,
    second: Vec<u8>,
    /// The product of signs, with the syndrome, without and with the row's own messages.
    signs: Vec<i8>,
    odd: Vec<i8>,
    turned: Vec<i16>,
}

impl Decoder {
    /// Looks for the likeliest word with this syndrome, starting from `prior`; the iterations it took, or None.
    ///
    /// The word found is then [`Self::word`]. `go_on` is asked once an iteration.
    pub fn decode(
        &mut self,
        code: &Code,
        prior: &[i16],
        syndrome: &[u8],
        rule: Rule,
        iterations: usize,
        go_on: &mut GoOn<'_>,
    ) -> Option<usize> {
        let stride = code.lift.next_multiple_of(WIDE);
        let entries: usize = code.rows.iter().map(Vec::len).sum();
        let most = code.rows.iter().map(Vec::len).max().unwrap_or(0);
        self.beliefs.clear();
        self.beliefs.extend_from_slice(prior);
        let Row { least, second, signs, odd, turned } = &mut self.row;
        for (buffer, length) in [(&mut self.full, most), (turned, 1)] {
            buffer.clear();
            buffer.resize(length * stride, 0);
        }
        let rows = [(&mut self.others, most), (&mut self.ahead, most), (signs, 1), (odd, 1), (&mut self.messages, entries)];
        for (buffer, length) in rows {
            buffer.clear();
            buffer.resize(length * stride, 0);
        }
        for buffer in [least, second] {
            buffer.clear();
            buffer.resize(stride, 0);
        }
        for iteration in 1..=iterations {
            if !go_on() {
                return None;
            }
            let satisfied = vectorize(
                #[inline(always)]
                || self.iterate(code, syndrome, rule),
            );
            if satisfied && code.syndrome(&self.word()) == syndrome {
                return Some(iteration);
            }
        }
        None
    }

    /// The word believed in now, bytes 0 and 1.
    pub fn word(&self) -> Vec<u8> {
        self.beliefs.iter().map(|b| u8::from(*b < 0)).collect()
    }

    /// How far each bit is from doubt: the sign says which it is.
    pub fn beliefs(&self) -> &[i16] {
        &self.beliefs
    }

    /// One pass over all rows; whether every check held when it was looked at.
    #[inline(always)]
    fn iterate(&mut self, code: &Code, syndrome: &[u8], rule: Rule) -> bool {
        let lift = code.lift;
        let stride = lift.next_multiple_of(WIDE);
        let Self { beliefs, messages, full, others, ahead, row: state } = self;
        let mut rest = &mut messages[..];
        let mut held = true;
        for (row, wanted) in code.rows.iter().zip(syndrome.chunks_exact(lift)) {
            let (mine, after) = rest.split_at_mut(row.len() * stride);
            rest = after;
            state.begin(wanted);
            let parts = mine.chunks_exact(stride).zip(full.chunks_exact_mut(stride)).zip(others.chunks_exact_mut(stride));
            for (entry, ((message, full), other)) in row.iter().zip(parts) {
                let column = &beliefs[entry.column * lift..(entry.column + 1) * lift];
                full[..lift - entry.turn].copy_from_slice(&column[entry.turn..]);
                full[lift - entry.turn..lift].copy_from_slice(&column[..entry.turn]);
                state.collect(message, full, other);
            }
            held &= state.weigh(lift);
            if rule == Rule::BoxPlus {
                state.combine(wanted, &mut others[..row.len() * stride], ahead, stride);
            }
            let parts = mine.chunks_exact_mut(stride).zip(full.chunks_exact(stride)).zip(others.chunks_exact(stride));
            for (entry, ((message, full), other)) in row.iter().zip(parts) {
                match rule {
                    Rule::MinSum => state.distribute(message, full, other),
                    Rule::BoxPlus => state.hand_out(message, full, other),
                }
                let column = &mut beliefs[entry.column * lift..(entry.column + 1) * lift];
                column[entry.turn..].copy_from_slice(&state.turned[..lift - entry.turn]);
                column[..entry.turn].copy_from_slice(&state.turned[lift - entry.turn..lift]);
            }
        }
        held
    }
}

impl Row {
    #[inline(always)]
    fn begin(&mut self, wanted: &[u8]) {
        self.least.fill(MOST);
        self.second.fill(MOST);
        for (sign, w) in self.signs.iter_mut().zip(wanted) {
            *sign = -(*w as i8);
        }
        self.odd.copy_from_slice(&self.signs);
    }

    /// Takes the row's own messages out of beliefs, and keeps the two least magnitudes and the product of signs.
    #[inline(always)]
    fn collect(&mut self, messages: &[i8], full: &mut [i16], others: &mut [i8]) {
        let n = others.len();
        let (messages, full, others) = (&messages[..n], &mut full[..n], &mut others[..n]);
        let (signs, odd) = (&mut self.signs[..n], &mut self.odd[..n]);
        for z in 0..n {
            odd[z] ^= (full[z] >> 8) as i8;
            full[z] -= i16::from(messages[z]);
            others[z] = full[z].clamp(-i16::from(MOST), i16::from(MOST)) as i8;
            signs[z] ^= others[z];
        }
        let (least, second) = (&mut self.least[..n], &mut self.second[..n]);
        for z in 0..n {
            let size = others[z].unsigned_abs();
            second[z] = second[z].min(size.max(least[z]));
            least[z] = least[z].min(size);
        }
    }

    /// Scales what the checks will say; whether all of them hold.
    #[inline(always)]
    fn weigh(&mut self, lift: usize) -> bool {
        for least in self.least.iter_mut().chain(&mut self.second) {
            *least = scaled(*least);
        }
        self.odd[..lift].iter().fold(0, |any, odd| any | odd) >= 0
    }

    /// What each bit of the row hears from all others, in the place of what it said.
    #[inline(always)]
    fn combine(&mut self, wanted: &[u8], others: &mut [i8], ahead: &mut [i8], stride: usize) {
        // Before the first bit there is the syndrome, which is sure.
        let so_far = &mut self.signs[..stride];
        so_far.fill(MOST as i8);
        for (sign, w) in so_far.iter_mut().zip(wanted) {
            *sign = MOST as i8 * (1 - 2 * *w as i8);
        }
        for (ahead, other) in ahead.chunks_exact_mut(stride).zip(others.chunks_exact(stride)) {
            ahead.copy_from_slice(so_far);
            so_far.iter_mut().zip(other).for_each(|(sum, each)| *sum = joined(*sum, *each));
        }
        let behind = so_far;
        behind.fill(MOST as i8);
        for (ahead, other) in ahead.chunks_exact(stride).zip(others.chunks_exact_mut(stride)).rev() {
            for ((ahead, other), behind) in ahead.iter().zip(other).zip(behind.iter_mut()) {
                let heard = joined(*ahead, *behind);
                *behind = joined(*behind, *other);
                *other = heard;
            }
        }
    }

    /// The messages that were combined, and in `turned` the beliefs with them.
    #[inline(always)]
    fn hand_out(&mut self, messages: &mut [i8], full: &[i16], heard: &[i8]) {
        messages.copy_from_slice(heard);
        for ((turned, full), message) in self.turned.iter_mut().zip(full).zip(heard) {
            *turned = full + i16::from(*message);
        }
    }

    /// New messages, and in `turned` the beliefs with them.
    #[inline(always)]
    fn distribute(&mut self, messages: &mut [i8], full: &[i16], others: &[i8]) {
        let n = others.len();
        let (messages, full, others, turned) = (&mut messages[..n], &full[..n], &others[..n], &mut self.turned[..n]);
        let (least, second, signs) = (&self.least[..n], &self.second[..n], &self.signs[..n]);
        for z in 0..n {
            // The bit with the least magnitude hears the second; where scaling made them equal, either will do.
            let size = scaled(others[z].unsigned_abs());
            let (first, next) = (least[z], second[z]);
            let own = u8::from(size == first).wrapping_neg();
            let heard = ((next & own) | (first & !own)) as i8;
            let minus = (signs[z] ^ others[z]) >> 7;
            messages[z] = (heard ^ minus) - minus;
        }
        for z in 0..n {
            turned[z] = full[z] + i16::from(messages[z]);
        }
    }
}

/// Seven eighths less three: what correction stands for that the other bits of a check are unsure too (found by trials).
#[inline(always)]
fn scaled(size: u8) -> u8 {
    (size - (size >> 3)).saturating_sub(3)
}

/// ln of the odds that two bits sum to 0, in eighths.
#[inline(always)]
fn joined(a: i8, b: i8) -> i8 {
    let (x, y) = (a.unsigned_abs(), b.unsigned_abs());
    let correction = |size: u8| 22_u8.saturating_sub(size) >> 2;
    let size = (x.min(y) + correction(x.saturating_add(y))).saturating_sub(correction(x.abs_diff(y)));
    let minus = (a ^ b) >> 7;
    (size as i8 ^ minus) - minus
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All pairs: within 0.26 of the exact 2 artanh(tanh(a/2) tanh(b/2)), the line's error and the rounding of three numbers.
    #[test]
    fn two_bits_are_joined_as_belief_propagation_joins_them() {
        for a in -127..=127_i8 {
            for b in -127..=127_i8 {
                let [x, y] = [a, b].map(|v| f64::from(v) / 8.0);
                let exact = 2.0 * ((0.5 * x).tanh() * (0.5 * y).tanh()).atanh();
                let found = f64::from(joined(a, b)) / 8.0;
                // Where both are nearly sure the tanh has no digits left.
                let exact = if exact.is_finite() { exact } else { x.abs().min(y.abs()) * (x * y).signum() };
                assert!((found - exact).abs() <= 0.26, "{x} {y}: {found} {exact}");
                assert_eq!(joined(a, b), joined(b, a));
            }
        }
    }
}
