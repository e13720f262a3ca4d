//! Reconciliation by a low-density parity-check code: one message, and more only where decoding fails.
//!
//! ```text
//!     code word:  | key, n bits | hidden: Alice's own random bits | known: zeros |
//!                        |                    |                        |
//!     Alice sends its parities (the syndrome); Bob decodes the difference of the words, whose prior is
//!                     q                  1/2                      none
//! ```
//!
//! The rate follows the error rate in two steps: the base matrix gets as many rows as are needed, rounded up, and hidden bits
//! take back what that is too much ("puncturing"; Elkouss et al., arXiv:1006.2660). They lie in one column, where no two meet
//! one check, so that p of them make p parities random: checks - p bits become public. Known bits ("shortening") fill the
//! word up. Where Bob cannot decode, Alice shows the bits of the key that he doubts most, and he tries again (blind
//! reconciliation, Martinez-Mateo, Elkouss, Martin, arXiv:1205.5729, with key bits in the place of hidden ones).

mod code;
mod decoder;

pub use code::{COLUMNS, Code, Entry, Family};
pub use decoder::{CERTAIN, Decoder, Rule};

use ebit_random::{Lanes, Purpose as Draw, math};

use crate::entropy::binary_entropy;
use crate::ledger::{Ledger, Purpose};
use crate::reconcile::GoOn;

/// Times that Alice shows more.
pub const MOST_REVEALS: usize = 30;
/// Rows that a base matrix may have.
const ROWS: std::ops::RangeInclusive<usize> = 2..=120;

/// A code and its use for keys of one length and error rate.
#[derive(Debug, Clone)]
pub struct Plan {
    family: Family,
    code: Code,
    bits: usize,
    hidden: usize,
    /// The column that hides bits.
    column: usize,
    prior: i16,
}

/// The efficiency f at which nearly all keys of 10^5 bits decode at once (measured), for an error rate.
pub fn usual_efficiency(qber: f64) -> f64 {
    // Between measured points on a straight line.
    const POINTS: [(f64, f64); 7] =
        [(0.0, 2.2), (0.005, 1.55), (0.01, 1.38), (0.02, 1.27), (0.03, 1.22), (0.06, 1.24), (0.11, 1.28)];
    let above = POINTS.iter().position(|(q, _)| *q > qber).unwrap_or(POINTS.len() - 1).max(1);
    let ((a, f), (b, g)) = (POINTS[above - 1], POINTS[above]);
    f + (g - f) * ((qber - a) / (b - a)).clamp(0.0, 1.0)
}

impl Family {
    /// What their checks say.
    fn rule(self) -> Rule {
        match self {
            Family::Flips => Rule::MinSum,
            Family::Noise => Rule::BoxPlus,
        }
    }

    /// Iterations of one attempt to decode.
    fn iterations(self) -> usize {
        match self {
            Family::Flips => 80,
            Family::Noise => 200,
        }
    }

    /// A belief of so many units of natural log-likelihood, as the decoder counts.
    pub fn belief(self, log_odds: f64) -> i16 {
        let unit = match self {
            Family::Flips => 5.5,
            Family::Noise => 8.0,
        };
        (unit * log_odds).round().clamp(1.0, f64::from(CERTAIN / 8)) as i16
    }
}

impl Plan {
    /// For keys of `bits` bits and `efficiency` n h(`qber`) public bits, as near as the code allows.
    pub fn new(bits: usize, qber: f64, efficiency: f64) -> Self {
        let q = qber.clamp(1e-6, 0.45);
        let prior = Family::Flips.belief(math::ln((1.0 - q) / q));
        Self { prior, ..Self::for_bits(Family::Flips, bits, efficiency * bits as f64 * binary_entropy(qber)) }
    }

    /// For keys of `bits` bits and so many public ones, where each bit has a belief of its own.
    pub fn for_bits(family: Family, bits: usize, public: f64) -> Self {
        let lift = bits.div_ceil(COLUMNS - 1).max(2);
        let wanted = public.ceil() as usize;
        let rows = wanted.div_ceil(lift).clamp(*ROWS.start(), *ROWS.end());
        let hidden = (rows * lift).saturating_sub(wanted).min(lift);
        let code = Code::new(family, rows, lift);
        let degree = |column: usize| code.rows.iter().flatten().filter(|e| e.column == column).count();
        let column = (0..COLUMNS).find(|c| degree(*c) == 3).unwrap_or(0);
        Self { family, code, bits, hidden, column, prior: 1 }
    }

    pub fn bits(&self) -> usize {
        self.bits
    }

    pub fn code(&self) -> &Code {
        &self.code
    }

    /// Bits that the syndrome makes public.
    pub fn disclosed_bits(&self) -> u64 {
        (self.code.checks() - self.hidden) as u64
    }

    /// The place of bit k of the key in the word: the hidden ones are left out.
    fn place(&self, k: usize) -> usize {
        let first = self.column * self.code.lift;
        if k < first { k } else { k + self.hidden }
    }

    /// The word of a packed key; `hidden` gives bits to hide.
    fn word(&self, key: &[u64], mut hidden: impl FnMut() -> u8) -> Vec<u8> {
        let mut word = vec![0; self.code.bits()];
        for k in 0..self.bits {
            word[self.place(k)] = (key[k / 64] >> (k % 64) & 1) as u8;
        }
        let first = self.column * self.code.lift;
        word[first..first + self.hidden].fill_with(&mut hidden);
        word
    }

    /// What Bob believes of the difference before he hears anything: all alike, or bit by bit.
    fn priors(&self, each: Option<&[i16]>) -> Vec<i16> {
        let mut prior = vec![self.prior; self.code.bits()];
        for (k, sure) in each.into_iter().flatten().enumerate().take(self.bits) {
            prior[self.place(k)] = *sure;
        }
        let first = self.column * self.code.lift;
        prior[first..first + self.hidden].fill(0);
        prior[self.bits + self.hidden..].fill(CERTAIN);
        prior
    }
}

/// What goes over the public channel.
pub trait Channel {
    /// Alice's parities.
    fn syndrome(&mut self) -> Vec<u8>;

    /// Bits of Alice's key at these places.
    fn reveal(&mut self, places: &[usize]) -> Vec<u8>;
}

/// Alice: her key, and bits that nobody else knows.
pub struct Alice<'a> {
    plan: &'a Plan,
    key: &'a [u64],
    private: Lanes,
}

impl<'a> Alice<'a> {
    /// `root` seeds her hidden bits.
    pub fn new(plan: &'a Plan, key: &'a [u64], root: u128, replica: u64) -> Self {
        Self { plan, key, private: Lanes::new(root, replica, 0, Draw::Hashing) }
    }
}

impl Channel for Alice<'_> {
    fn syndrome(&mut self) -> Vec<u8> {
        let private = &mut self.private;
        let (mut word, mut left) = (0, 0);
        let hidden = || {
            if left == 0 {
                (word, left) = (private.word(), 64);
            }
            left -= 1;
            let bit = (word & 1) as u8;
            word >>= 1;
            bit
        };
        self.plan.code.syndrome(&self.plan.word(self.key, hidden))
    }

    fn reveal(&mut self, places: &[usize]) -> Vec<u8> {
        places.iter().map(|k| (self.key[k / 64] >> (k % 64) & 1) as u8).collect()
    }
}

/// What Bob has in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    pub key: Vec<u64>,
    pub ledger: Ledger,
    pub flips: u64,
    /// Whether a word with Alice's syndrome was found; his key is unchanged but for shown bits where not.
    pub found: bool,
}

/// Bob's side: decodes, and asks for bits of the key where he cannot. `go_on` is asked once an iteration.
pub fn decode(plan: &Plan, bob: &[u64], decoder: &mut Decoder, channel: &mut impl Channel, go_on: &mut GoOn<'_>) -> Decoded {
    search(plan, bob, None, decoder, channel, go_on)
}

/// The same where he is not equally sure of all his bits.
pub fn decode_unevenly(
    plan: &Plan,
    bob: &[u64],
    sure: &[i16],
    decoder: &mut Decoder,
    channel: &mut impl Channel,
    go_on: &mut GoOn<'_>,
) -> Decoded {
    search(plan, bob, Some(sure), decoder, channel, go_on)
}

fn search(
    plan: &Plan,
    bob: &[u64],
    sure: Option<&[i16]>,
    decoder: &mut Decoder,
    channel: &mut impl Channel,
    go_on: &mut GoOn<'_>,
) -> Decoded {
    let mut ledger = Ledger::new();
    ledger.disclose(Purpose::Syndrome, plan.disclosed_bits());
    let mut difference = channel.syndrome();
    // His hidden places hold zeros: the difference there is Alice's bit.
    for (a, b) in difference.iter_mut().zip(plan.code.syndrome(&plan.word(bob, || 0))) {
        *a ^= b;
    }
    let mut prior = plan.priors(sure);
    let (rule, iterations) = (plan.family.rule(), plan.family.iterations());
    let step = (plan.code.checks() / 50).max(1);
    let mut found = decoder.decode(&plan.code, &prior, &difference, rule, iterations, go_on).is_some();
    for _ in 0..MOST_REVEALS {
        if found || !go_on() {
            break;
        }
        let places = doubted(plan, decoder.beliefs(), &prior, step);
        if places.is_empty() {
            break;
        }
        ledger.disclose(Purpose::Revealed, places.len() as u64);
        for (k, hers) in places.iter().zip(channel.reveal(&places)) {
            let differs = u64::from(hers) ^ (bob[k / 64] >> (k % 64) & 1);
            prior[plan.place(*k)] = if differs == 1 { -CERTAIN } else { CERTAIN };
        }
        found = decoder.decode(&plan.code, &prior, &difference, rule, iterations, go_on).is_some();
    }
    let word = if found { decoder.word() } else { prior.iter().map(|p| u8::from(*p < 0)).collect() };
    let mut key = bob.to_vec();
    let mut flips = 0;
    for k in 0..plan.bits {
        let bit = u64::from(word[plan.place(k)]);
        key[k / 64] ^= bit << (k % 64);
        flips += bit;
    }
    Decoded { key, ledger, flips, found }
}

/// The places of the key with the least certain beliefs, of those not shown yet.
fn doubted(plan: &Plan, beliefs: &[i16], prior: &[i16], count: usize) -> Vec<usize> {
    let mut open: Vec<(u16, usize)> = (0..plan.bits)
        .filter(|k| prior[plan.place(*k)].abs() < CERTAIN)
        .map(|k| (beliefs[plan.place(k)].unsigned_abs(), k))
        .collect();
    let count = count.min(open.len());
    if count < open.len() {
        open.select_nth_unstable(count);
    }
    let mut places: Vec<usize> = open[..count].iter().map(|(_, k)| *k).collect();
    places.sort_unstable();
    places
}

/// Both sides in one place. `root` and `replica` name Alice's hidden bits.
pub fn ldpc(
    plan: &Plan,
    alice: &[u64],
    bob: &[u64],
    decoder: &mut Decoder,
    root: u128,
    replica: u64,
    go_on: &mut GoOn<'_>,
) -> Decoded {
    decode(plan, bob, decoder, &mut Alice::new(plan, alice, root, replica), go_on)
}
