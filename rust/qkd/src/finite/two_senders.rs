//! Two senders with a signal, a weak decoy and vacuum each: measurement-device-independent finite keys, general attacks.
//!
//! The argument of Curty et al. 2014 (doi:10.1038/ncomms4732), with analytic bounds in the place of their linear programs and
//! the bookkeeping of Lim et al. 2014 (doi:10.1103/PhysRevA.89.022307). Every accepted pulse pair of the key basis makes key:
//!
//! ```text
//!     l = s11 [1 - h(phi)] - leak - 4 log2(25/eps_sec) - log2(2/eps_cor)
//!     s11 >= tau1^2 [mu^3 g-(nu) - nu^3 g+(mu) + (mu^3 - nu^3) n-(00)]/[mu^2 nu^2 (mu - nu)]
//!     g-(nu) = n-(nu nu) - n+(nu 0) - n+(0 nu),   g+(mu) = n+(mu mu) - n-(mu 0) - n-(0 mu)
//!     v11 <= tau1^2 [m+(nu nu) - m-(nu 0) - m-(0 nu) + m+(00)]/nu^2
//!     phi: the most that v11/s11' leaves possible of s11 others ([`super::sampling`]),  primed: the test basis
//!     n+-(ab) = e^(a+b)/(p_a p_b) times the bound of [`super::chernoff`] on the expected count,  tau1 = sum p_k k e^-k
//! ```
//!
//! Why: given the photon numbers of a pair its intensities are independent of everything else, so each n(ab) is a sum of
//! independent trials; g has photons from both in every term, and of these all but one from each fall out in the difference
//! or are against the key. One photon from each side looks the same in either basis, so the test basis is a random sample.
//! The rest of the key, entropy 0 or more, costs one chain rule: H(all) >= H(single | rest) - log2(2/a2^2), smoothed by
//! 2 a1 + a2, where phi fails with a1^2 (as in Tomamichel et al. 2012, doi:10.1038/ncomms1631). With privacy amplification nu, eps_sec = 2 (2 a1 + a2) + nu + 14 e1 + 4 e2, all equal.
//!
//! Limits: random phases, exact intensities, vacuum exactly empty, alike on both sides, mu > nu > 0.

use super::budget::Budget;
use super::chernoff::{least, most};
use super::counts::{Intensities, Length, MOST_PHASE};
use super::sampling::most_in_rest;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 25.0;

/// Counts by the intensities of both, Alice's first: signal, weak decoy, vacuum.
pub type Grid = [[f64; 3]; 3];

/// Accepted pairs and wrong ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairCounts {
    pub key: Grid,
    pub key_wrong: Grid,
    pub test: Grid,
    pub test_wrong: Grid,
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![
        ("correctness", correctness),
        ("smoothing_and_phase_error", 6.0 * each),
        ("privacy_amplification", each),
        ("detection_counts", 14.0 * each),
        ("error_counts", 4.0 * each),
    ]
}

fn sum(grid: &Grid) -> f64 {
    grid.iter().flatten().sum()
}

/// Key length of a block; `disclosed` is what error correction tells.
#[must_use]
pub fn length(sent: &Intensities<3>, counts: &PairCounts, disclosed: f64, budget: &Budget) -> Length {
    let block = sum(&counts.key);
    let qber = if block > 0.0 { sum(&counts.key_wrong) / block } else { 0.5 };
    Length::of_single_photons(budget, block, qber, disclosed, PARTS, |secrecy| bounds(sent, counts, secrecy))
}

/// Pairs of single photons in the key basis, and their phase error rate; without the former, how many are lacking.
fn bounds(sent: &Intensities<3>, counts: &PairCounts, secrecy: f64) -> (f64, f64) {
    let bounds = Bounds::new(sent, math::ln(PARTS / secrecy));
    let (single, test_single) = (bounds.single(&counts.key), bounds.single(&counts.test));
    if single <= 0.0 {
        return (single + test_single.min(0.0), MOST_PHASE);
    }
    if test_single <= 0.0 {
        return (single, MOST_PHASE - test_single / single);
    }
    let rate = (bounds.wrong(&counts.test_wrong) / test_single).max(0.0);
    if rate >= 0.5 {
        return (single, rate.min(MOST_PHASE));
    }
    let part = secrecy / PARTS;
    (single, most_in_rest(part * part, rate, test_single, single))
}

struct Bounds {
    mean: [f64; 3],
    scale: [f64; 3],
    /// Probability that both pulses of a pair have one photon.
    both: f64,
    log: f64,
}

impl Bounds {
    fn new(sent: &Intensities<3>, log: f64) -> Self {
        let ([_, one], scale) = sent.weights();
        Self { mean: sent.mean, scale, both: one * one, log }
    }

    fn low(&self, n: &Grid, a: usize, b: usize) -> f64 {
        self.scale[a] * self.scale[b] * least(n[a][b], self.log)
    }

    fn high(&self, n: &Grid, a: usize, b: usize) -> f64 {
        self.scale[a] * self.scale[b] * most(n[a][b], self.log)
    }

    fn single(&self, n: &Grid) -> f64 {
        let [mu, nu, _] = self.mean;
        let (m3, n3) = (mu * mu * mu, nu * nu * nu);
        let weak = self.low(n, 1, 1) - self.high(n, 1, 2) - self.high(n, 2, 1);
        let signal = self.high(n, 0, 0) - self.low(n, 0, 2) - self.low(n, 2, 0);
        let sum = m3 * weak - n3 * signal + (m3 - n3) * self.low(n, 2, 2);
        self.both * sum / (mu * mu * nu * nu * (mu - nu))
    }

    fn wrong(&self, m: &Grid) -> f64 {
        let nu = self.mean[1];
        let sum = self.high(m, 1, 1) - self.low(m, 1, 2) - self.low(m, 2, 1) + self.high(m, 2, 2);
        self.both * sum / (nu * nu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
    }

    #[test]
    fn nothing_counted_is_no_key() {
        let none = [[0.0; 3]; 3];
        let counts = PairCounts { key: none, key_wrong: none, test: none, test_wrong: none };
        let sent = Intensities { mean: [0.4, 0.1, 0.0], probability: [0.5, 0.3, 0.2] };
        let found = length(&sent, &counts, 0.0, &Budget::halves(1e-10));
        assert!(found.bits <= 0.0 && found.single == 0.0 && found.phase_error == 0.5, "{found:?}");
    }
}
