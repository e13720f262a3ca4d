//! Decoding by layered normalised min-sum with messages of eight bits, a whole row of the base matrix at a time.
//!
//! Bits and checks lie in groups of `lift`, so that what a row needs of a column is one turned stretch of bytes: the loops are
//! straight vector code. A check's message is three quarters of the least magnitude of its other bits (Chen and Fossorier,
//! doi:10.1109/26.990903). Messages have eight bits, beliefs sixteen, which no sum of a column exceeds: beliefs that saturate
//! drift, and in columns of high degree into wrong words. All are integers, so every machine finds the same word.

use ebit_bits::vectorize;

use super::code::Code;

/// Belief in a bit that is known: more than all checks of a column can say against it.
pub const CERTAIN: i16 = 16_384;
/// The largest magnitude of a message.
const MOST: u8 = 127;

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
    /// The word found is then [`Self::word`].
    pub fn decode(&mut self, code: &Code, prior: &[i16], syndrome: &[u8], iterations: usize) -> Option<usize> {
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
        for (buffer, length) in [(&mut self.messages, entries), (&mut self.others, most), (signs, 1), (odd, 1)] {
            buffer.clear();
            buffer.resize(length * stride, 0);
        }
        for buffer in [least, second] {
            buffer.clear();
            buffer.resize(stride, 0);
        }
        for iteration in 1..=iterations {
            let satisfied = vectorize(
                #[inline(always)]
                || self.iterate(code, syndrome),
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
    fn iterate(&mut self, code: &Code, syndrome: &[u8]) -> bool {
        let lift = code.lift;
        let stride = lift.next_multiple_of(WIDE);
        let Self { beliefs, messages, full, others, row: state } = self;
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
            let parts = mine.chunks_exact_mut(stride).zip(full.chunks_exact(stride)).zip(others.chunks_exact(stride));
            for (entry, ((message, full), other)) in row.iter().zip(parts) {
                state.distribute(message, full, other);
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
