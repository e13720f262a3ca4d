//! Random words by the cache line: eight generators side by side, for simulations that need bits in bulk.
//!
//! xoshiro256++ (Blackman, Vigna, doi:10.1145/3460772), one generator a lane, so that a step is a few vector instructions
//! and gives 512 bits. All 32 words of state are drawn from the Philox stream of the same name: the key says who, the
//! generator only stretches it. The draws depend on the name and on their order, and on nothing else; a generator is made
//! for one piece of work that is always done in the same order, and thrown away. The period of a lane is 2^256 - 1; two lanes
//! that start at random places meet within 2^64 steps with probability below 2^-180.

use crate::stream::{Purpose, Stream};

/// Generators side by side: one 512-bit vector of words.
const LANES: usize = 8;
/// Exponentials made at a time.
const BATCH: usize = 64;
const LN_2: f64 = core::f64::consts::LN_2;
/// The bits of the square root of 1/2, of 1, of 2^52, and the bits below the exponent.
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
const ONE: u64 = 0x3FF0_0000_0000_0000;
const TWO_52: u64 = 0x4330_0000_0000_0000;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;

/// A bulk generator, named as a [`Stream`] is.
///
/// ```
/// use ebit_random::{Lanes, Purpose};
///
/// let mut lanes = Lanes::new(7, 0, 42, Purpose::Frame);
/// let first = lanes.words();
/// assert_eq!(first, Lanes::new(7, 0, 42, Purpose::Frame).words());
/// assert_ne!(first, lanes.words());
/// ```
#[derive(Debug, Clone)]
pub struct Lanes {
    state: [[u64; LANES]; 4],
    /// Words for single draws, taken from the end.
    words: [u64; LANES],
    left: usize,
    exponentials: [f64; BATCH],
    exponentials_left: usize,
}

impl Lanes {
    /// The generator of `entity` for `purpose` in `replica` under the seed `root`.
    pub fn new(root: u128, replica: u64, entity: u64, purpose: Purpose) -> Self {
        let mut stream = Stream::new(root, replica, entity, purpose);
        let state = [(); 4].map(|()| [(); LANES].map(|()| stream.next_u64()));
        Self { state, words: [0; LANES], left: 0, exponentials: [0.0; BATCH], exponentials_left: 0 }
    }

    /// Eight uniform words.
    #[inline(always)]
    pub fn words(&mut self) -> [u64; LANES] {
        let [a, b, c, d] = &mut self.state;
        let mut out = [0; LANES];
        for k in 0..LANES {
            out[k] = a[k].wrapping_add(d[k]).rotate_left(23).wrapping_add(a[k]);
            let shifted = b[k] << 17;
            c[k] ^= a[k];
            d[k] ^= b[k];
            b[k] ^= c[k];
            a[k] ^= d[k];
            c[k] ^= shifted;
            d[k] = d[k].rotate_left(45);
        }
        out
    }

    /// A uniform word.
    #[inline(always)]
    pub fn word(&mut self) -> u64 {
        if self.left == 0 {
            self.words = self.words();
            self.left = LANES;
        }
        self.left -= 1;
        self.words[self.left]
    }

    /// An exponential of mean 1: -ln u for u a multiple of 2^-52 in (0, 1], so at most 52 ln 2 = 36.
    ///
    /// Its distribution function is right to 2^-52; for waiting times of rarer events than one in 2^40, use
    /// [`crate::Geometric`].
    #[inline(always)]
    pub fn exponential(&mut self) -> f64 {
        if self.exponentials_left == 0 {
            for chunk in 0..BATCH / LANES {
                let made = negative_logarithms(self.words());
                self.exponentials[chunk * LANES..(chunk + 1) * LANES].copy_from_slice(&made);
            }
            self.exponentials_left = BATCH;
        }
        self.exponentials_left -= 1;
        self.exponentials[self.exponentials_left]
    }
}

/// -ln u for the upper 52 bits of each word as u in (0, 1], to 2 units in the last place of ln 2.
///
/// u = 2^k m with m between the square roots of 1/2 and 2, and ln m = 2 artanh((m - 1) / (m + 1)) by its series. Sums and
/// products only, in one order: the same bits everywhere.
#[inline(always)]
fn negative_logarithms(words: [u64; LANES]) -> [f64; LANES] {
    let mut out = [0.0; LANES];
    for k in 0..LANES {
        let u = 2.0 - f64::from_bits(ONE | (words[k] >> 12));
        let shifted = u.to_bits() + (ONE - SQRT_HALF);
        let exponent = f64::from_bits(TWO_52 | (shifted >> 52)) - (4_503_599_627_370_496.0 + 1023.0);
        let m = f64::from_bits((shifted & MANTISSA) + SQRT_HALF);
        let s = (m - 1.0) / (m + 1.0);
        let z = s * s;
        let mut sum = 1.0 / 21.0;
        for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
            sum = sum * z + 1.0 / odd;
        }
        out[k] = -(exponent * LN_2 + 2.0 * s * sum);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    /// The first ten outputs of xoshiro256++ from the state (1, 2, 3, 4), as its authors' C code gives them.
    #[test]
    fn each_lane_is_the_published_generator() {
        let mut lanes = Lanes::new(0, 0, 0, Purpose::Frame);
        lanes.state = [1, 2, 3, 4].map(|word| [word; LANES]);
        for expected in [
            41943041,
            58720359,
            3588806011781223,
            3591011842654386,
            9228616714210784205,
            9973669472204895162,
            14011001112246962877,
            12406186145184390807,
            15849039046786891736,
            10450023813501588000,
        ] {
            assert_eq!(lanes.words(), [expected; LANES]);
        }
    }

    #[test]
    fn the_logarithm_is_the_pinned_one() {
        let mut lanes = Lanes::new(1, 0, 0, Purpose::Frame);
        let mut extremes = [0, u64::MAX, 1 << 12, !0 << 12, 1 << 63, (1 << 63) - 1, 0x4AFB_0CCC_0619_9999, 0x4AFB_0CCC_0619_8000];
        for _ in 0..10_000 {
            for (word, made) in extremes.iter().zip(negative_logarithms(extremes)) {
                let u = 1.0 - (word >> 12) as f64 / (1u64 << 52) as f64;
                let wanted = -math::ln(u);
                assert!((made - wanted).abs() <= 4e-16 * wanted.max(0.5), "{u}: {made} {wanted}");
            }
            extremes = lanes.words();
        }
    }

    /// 10^6 draws: mean and mean square within 4.9 standard errors (1 and sqrt 20 over 1000): false alarm 1e-6 each.
    #[test]
    fn exponentials_have_their_moments() {
        let mut lanes = Lanes::new(2, 0, 0, Purpose::Frame);
        let n = 1_000_000;
        let (mut mean, mut square) = (0.0, 0.0);
        for _ in 0..n {
            let x = lanes.exponential();
            mean += x / f64::from(n);
            square += x * x / f64::from(n);
        }
        assert!((mean - 1.0).abs() < 4.9e-3, "{mean}");
        assert!((square - 2.0).abs() < 4.9e-3 * 20f64.sqrt(), "{square}");
    }
}
