//! Clicks that are paired after they happened, with decoys: a finite key of mode pairing, general attacks, any relay.
//!
//! The protocol of Zeng, Zhou, Wu and Ma 2022 (doi:10.1038/s41467-022-31534-7); finite keys of its twin are from Xie et al.
//! 2022 (arXiv:2112.11635), of it from Wang et al. 2023 (arXiv:2302.13481). The bounds and constants below are derived here.
//! In each round each sender takes the signal mu, the weak decoy v or nothing. By its two rounds a side of a pair is
//!
//! ```text
//!     Z   (a, 0) or (0, a), the bit    total a = mu, v    probability 2 p_a p_0
//!     X   (v, v)                       total 2 v                      p_v^2
//!     0   (0, 0)                       total 0                        p_0^2      all others are dropped
//! ```
//!
//! Both say the kind and the total of their side, of X theta too, of Z neither order nor phases. Every pair with Z on both
//! sides makes key:
//!
//! ```text
//!     l = s11 [1 - h(m11/s11)] - leak - 4 log2(15/eps_sec) - log2(2/eps_cor)
//!     s11 >= tau^2 [mu^3 g-(v) - v^3 g+(mu) + (mu^3 - v^3) z-(00)]/[mu^2 v^2 (mu - v)]
//!     g-(v) = z-(v v) - z+(v 0, 0 v),   g+(mu) = z+(mu mu) - z-(mu 0, 0 mu),   tau = sum_a P_a a e^-a
//!     t   <= [e^(4v) r+/(p_v^4 q) - x-/2 + z+(00)/2]/(4 v^2),   x = e^(2v) n(X 0, 0 X)/(p_v^2 p_0^2),   q = slice/pi
//!     m11 <= the most counted at an expectation of tau^2 t
//! ```
//!
//! z(ab) = e^(a+b) n(ab)/(P_a P_b), P the table's probabilities for Z and 0. r: X on both sides, phase differences of the
//! two alike or opposite within the slice, and the detectors are those that this tells against. +-: bounds on expectations
//! ([`super::chernoff`]), both directions in one.
//!
//! Why. First, say the relay, who has everything and does what she likes with all rounds at once, gave one certain answer:
//! clicks, thus pairs, for these depend on clicks alone. The phase that both rounds of a side have in common is random and
//! not told, so the side's state is a mixture over its photon number n, Poisson of the total intensity, and given n it
//! depends only on the ratio of the two intensities and on the difference theta of the two phases; on neither if n = 0. So
//! the probability of intensities, numbers and answer together is
//!
//! ```text
//!     prod over sides of pairs  p_a p_b e^-(a+b) (a+b)^n/n!   times   a function of answer, numbers, ratios and thetas
//! ```
//!
//! for whatever pairs the answer makes (rounds without a partner are factors alike). Hence, given all that the second
//! factor holds, each side's total is drawn anew: independent of the other sides, the other pairs and the answer, with the
//! weights of the first factor. Counts are sums of independent trials. At n = 0 the ratio and theta, too, are drawn anew.
//!
//! Second, in z(k k) - z(k 0, 0 k) + z(00) =: G(k) photons come from both sides: a sum over n, m >= 1 of c_nm k^(n+m), no
//! c_nm below 0. In mu^3 G(v) - v^3 G(mu) three photons fall out, and more are against the key. The single photons of the
//! key are tau^2 c_11 in number.
//!
//! Third, where a side is empty its theta is independent of the answer: in the slice with probability q, and then wrong in
//! half the cases. So r less half of what one side alone gives is made of photons from both, and of one from each among
//! them.
//!
//! Fourth, one photon of Z, either round, is the mixture that one photon of X is, over theta or over theta and theta + pi:
//! Z, X and the slice are drawn anew, too. Say for each pair of single photons by what theta (mod pi) of either side, from
//! the slice, it would be judged, and whether that finds it wrong. Of the wrong ones (2 v e^(-2v) p_v^2)^2 q become part of
//! r for every tau^2 that become phase errors of the key. The two values of theta are a basis that knows nothing of the
//! round: 1 - h(m11/s11) bits each remain.
//!
//! Epsilon as elsewhere (Lim et al. 2014, doi:10.1103/PhysRevA.89.022307): the rest of the key, entropy 0 or more, costs
//! one chain rule, and phase errors that are more with probability a1^2 smooth by a1. With privacy amplification nu,
//! eps_sec = 2 (2 a1 + a2) + nu + 5 e (counts of Z) + 3 e (r, x, z(00)), all equal.
//!
//! Limits: each round's phase random and independent, intensities exact, vacuum exactly empty, both senders alike, the
//! decoy weaker than the signal; the signal's X pairs are not used.

use super::budget::Budget;
use super::chernoff::{least, most, most_counted};
use super::counts::{Length, MOST_PHASE};
use super::two_senders::Grid;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 15.0;

/// What each of the two sends in a round, and how often; the rest is nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounds {
    pub signal: f64,
    pub weak: f64,
    /// Of the signal and of the weak decoy.
    pub shares: [f64; 2],
    /// Width of the slice of phase differences, and of that around pi, rad.
    pub slice: f64,
}

/// Pairs of clicks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedClicks {
    /// Z or nothing on either side, by the totals of both, Alice's first: signal, weak decoy, nothing.
    pub key: Grid,
    /// X on one side, nothing on the other.
    pub one_sided: f64,
    /// X on both sides, phases in the slice, wrong detectors.
    pub wrong: f64,
}

impl Rounds {
    #[must_use]
    pub fn nothing(&self) -> f64 {
        1.0 - self.shares[0] - self.shares[1]
    }

    /// Probabilities of a side with a total of the signal, the weak decoy, nothing: Z and 0.
    #[must_use]
    pub fn totals(&self) -> [f64; 3] {
        let nothing = self.nothing();
        [2.0 * self.shares[0] * nothing, 2.0 * self.shares[1] * nothing, nothing * nothing]
    }

    /// Probability that both sides are X with phases in the slice.
    #[must_use]
    pub fn in_slice(&self) -> f64 {
        let once = self.shares[1] * self.shares[1];
        once * once * self.slice / std::f64::consts::PI
    }
}

impl PairedClicks {
    /// Pairs that make key.
    #[must_use]
    pub fn block(&self) -> f64 {
        self.key[..2].iter().flat_map(|row| &row[..2]).sum()
    }
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![
        ("correctness", correctness),
        ("smoothing_and_phase_error", 6.0 * each),
        ("privacy_amplification", each),
        ("pair_counts", 5.0 * each),
        ("error_counts", 3.0 * each),
    ]
}

/// Key length of a block; `disclosed` is what error correction tells of a key with this error rate.
#[must_use]
pub fn length(sent: &Rounds, clicks: &PairedClicks, qber: f64, disclosed: f64, budget: &Budget) -> Length {
    Length::of_single_photons(budget, clicks.block(), qber, disclosed, PARTS, |secrecy| bounds(sent, clicks, secrecy))
}

/// Pairs of single photons in the key, and their phase error rate; without the former, how many are lacking.
fn bounds(sent: &Rounds, clicks: &PairedClicks, secrecy: f64) -> (f64, f64) {
    let log = math::ln(PARTS / secrecy);
    let (mu, v) = (sent.signal, sent.weak);
    let [signal, weak, nothing] = sent.totals();
    let scale = [math::exp(mu) / signal, math::exp(v) / weak, 1.0 / nothing];
    let n = &clicks.key;
    let once = signal * mu * math::exp(-mu) + weak * v * math::exp(-v);
    let empty = |bound: fn(f64, f64) -> f64| scale[2] * scale[2] * bound(n[2][2], log);
    let of_weak = scale[1] * (scale[1] * least(n[1][1], log) - scale[2] * most(n[1][2] + n[2][1], log));
    let of_signal = scale[0] * (scale[0] * most(n[0][0], log) - scale[2] * least(n[0][2] + n[2][0], log));
    // mu^3 and v^3 over mu^2 v^2 (mu - v).
    let (light, dim) = (mu / (v * v * (mu - v)), v / (mu * mu * (mu - v)));
    let both = light * of_weak - dim * of_signal + (light - dim) * empty(least);
    let single = (once * once * both).min(clicks.block());
    if single <= 0.0 {
        return (single, f64::INFINITY);
    }
    let x = sent.shares[1] * sent.nothing();
    let alone = math::exp(2.0 * v) * least(clicks.one_sided, log) / (x * x);
    let wrong = math::exp(4.0 * v) * most(clicks.wrong, log) / sent.in_slice() - 0.5 * alone + 0.5 * empty(most);
    // The bound on phase errors smooths by the root of its failure.
    let errors = most_counted(once * once * wrong / (4.0 * v * v), 2.0 * log);
    (single, (errors / single).min(MOST_PHASE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Rounds = Rounds { signal: 0.4, weak: 0.05, shares: [0.2, 0.15], slice: 0.6 };

    #[test]
    fn parts_add_up() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
    }

    #[test]
    fn sides_are_all_there_is() {
        // Z and nothing; X; the signal twice; the two intensities.
        let [a, b] = SENT.shares;
        let sum = SENT.totals().iter().sum::<f64>() + b * b + a * a + 2.0 * a * b;
        assert!((sum - 1.0).abs() < 1e-15, "{sum}");
        let whole = Rounds { slice: std::f64::consts::PI, ..SENT };
        assert!((whole.in_slice() - 0.15 * 0.15 * 0.15 * 0.15).abs() < 1e-18);
    }

    /// The second way: counts without end that two photons at most make say what made them.
    #[test]
    fn exact_counts_of_single_photons_are_found() {
        let (pairs, log_free) = (1e20, 0.3);
        let (y0, y1, y11, error) = (1e-4, 2e-3, 1e-2, 0.03);
        let given = |a: f64, b: f64| {
            // (1 + a y)(1 + b y) e^-(a+b), with no more than one photon from either.
            math::exp(-a - b) * (y0 + (a + b) * y1 + a * b * y11)
        };
        let (means, p) = ([SENT.signal, SENT.weak, 0.0], SENT.totals());
        let key: Grid = std::array::from_fn(|a| std::array::from_fn(|b| pairs * p[a] * p[b] * given(means[a], means[b])));
        let (v, x) = (2.0 * SENT.weak, SENT.shares[1] * SENT.nothing());
        let one_sided = 2.0 * pairs * x * x * given(v, 0.0);
        let wrong = math::exp(-2.0 * v) * (0.5 * y0 + v * y1 + v * v * error * y11);
        let clicks = PairedClicks { key, one_sided, wrong: pairs * SENT.in_slice() * wrong };
        let (single, phase) = bounds(&SENT, &clicks, log_free);
        let once = p[0] * 0.4 * math::exp(-0.4) + p[1] * 0.05 * math::exp(-0.05);
        let truth = pairs * once * once * y11;
        assert!((single / truth - 1.0).abs() < 1e-4 && single < truth, "{single} {truth}");
        assert!((phase / error - 1.0).abs() < 1e-3 && phase > error, "{phase}");
    }

    #[test]
    fn nothing_counted_is_no_key() {
        let clicks = PairedClicks { key: [[0.0; 3]; 3], one_sided: 0.0, wrong: 0.0 };
        let found = length(&SENT, &clicks, 0.5, 0.0, &Budget::halves(1e-10));
        assert!(found.bits <= 0.0 && found.single == 0.0 && found.phase_error == 0.5, "{found:?}");
    }
}
