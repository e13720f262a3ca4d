//! BB84 with one decoy, finite keys against general attacks: Rusca, Boaron, Grunenfelder, Martin and Zbinden 2018,
//! doi:10.1063/1.5023340.
//!
//! ```text
//!     l = s0 + s1 (1 - h(phi)) - leak - 6 log2(19/eps_sec) - log2(2/eps_cor)                        (A25)
//!     s0 <= 2 [tau0 e^k/p_k (m_k + sqrt(m/2 ln(19/eps_sec))) + sqrt(n/2 ln(19/eps_sec))], k = mu2   (A16)
//!     s1 >= tau1 mu1/(mu2(mu1 - mu2)) [n-(2) - mu2^2/mu1^2 n+(1) - (mu1^2 - mu2^2)/mu1^2 s0/tau0]   (A17)
//!     s0 >= tau0 (mu1 n-(2) - mu2 n+(1))/(mu1 - mu2)                                                (A19)
//!     v1 <= tau1 (m+(1) - m-(2))/(mu1 - mu2)                                                        (A22)
//! ```
//!
//! with n+-(k) as of Lim et al. 2014 (the factor e^k/p_k, which A18 leaves out, makes A17 and A10 agree), and gamma with
//! 19 in the place of their 21. eps_sec = 2(2 a1 + a2 + a3) + nu + 6 e1 + 4 e2, all equal (A24). A lower count below 0 is 0.
//! The upper bound on the vacuum rests on its clicks being wrong half the time. Limits: mu1 > mu2 > 0.

use super::budget::Budget;
use super::counts::{Counts, Intensities, Length, deviation};
use super::sampling::sampling_excess;
use crate::entropy::binary_entropy;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 19.0;

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![
        ("correctness", correctness),
        ("smoothing_and_phase_error", 8.0 * each),
        ("privacy_amplification", each),
        ("detection_counts", 6.0 * each),
        ("error_counts", 4.0 * each),
    ]
}

/// Key length of a block; `disclosed` is what error correction tells.
#[must_use]
pub fn length(sent: &Intensities<2>, counts: &Counts<2>, disclosed: f64, budget: &Budget) -> Length {
    let block: f64 = counts.key.iter().sum();
    let wrong: f64 = counts.key_wrong.iter().sum();
    let mut found = Length {
        bits: 0.0,
        secrecy: 0.0,
        vacuum: 0.0,
        single: 0.0,
        phase_error: 0.5,
        qber: if block > 0.0 { wrong / block } else { 0.5 },
        leak: disclosed,
    };
    let tag = math::log2(2.0 / budget.correctness.0);
    let (tau, scale) = sent.weights();
    let (bits, secrecy) = budget.settle(block, |secrecy| {
        let log = math::ln(PARTS / secrecy);
        let key = Basis { sent, tau, scale, log, clicks: &counts.key, wrong: &counts.key_wrong };
        let test = Basis { clicks: &counts.test, wrong: &counts.test_wrong, ..key };
        (found.vacuum, found.single) = (key.vacuum(), key.single());
        found.phase_error = phase_error(&test, found.single);
        let fixed = 6.0 * log / std::f64::consts::LN_2 + tag;
        found.vacuum + found.single * (1.0 - binary_entropy(found.phase_error)) - disclosed - fixed
    });
    Length { bits, secrecy, ..found }
}

/// The counts of one basis.
#[derive(Clone, Copy)]
struct Basis<'a> {
    sent: &'a Intensities<2>,
    tau: [f64; 2],
    scale: [f64; 2],
    log: f64,
    clicks: &'a [f64; 2],
    wrong: &'a [f64; 2],
}

impl Basis<'_> {
    fn spread(&self) -> f64 {
        deviation(self.clicks.iter().sum(), self.log)
    }
    fn lower(&self, k: usize) -> f64 {
        self.scale[k] * (self.clicks[k] - self.spread()).max(0.0)
    }
    fn upper(&self, k: usize) -> f64 {
        self.scale[k] * (self.clicks[k] + self.spread())
    }
    fn vacuum(&self) -> f64 {
        let [mu1, mu2] = self.sent.mean;
        (self.tau[0] * (mu1 * self.lower(1) - mu2 * self.upper(0)) / (mu1 - mu2)).max(0.0)
    }
    fn most_vacuum(&self) -> f64 {
        let errors = self.wrong[1] + deviation(self.wrong.iter().sum(), self.log);
        2.0 * (self.tau[0] * self.scale[1] * errors + self.spread())
    }
    fn single(&self) -> f64 {
        let [mu1, mu2] = self.sent.mean;
        let share = mu2 * mu2 / (mu1 * mu1);
        let inside = self.lower(1) - share * self.upper(0) - (1.0 - share) * self.most_vacuum() / self.tau[0];
        (self.tau[1] * mu1 / (mu2 * (mu1 - mu2)) * inside).max(0.0)
    }
    fn single_wrong(&self) -> f64 {
        let [mu1, mu2] = self.sent.mean;
        let spread = deviation(self.wrong.iter().sum(), self.log);
        let upper = self.scale[0] * (self.wrong[0] + spread);
        let lower = self.scale[1] * (self.wrong[1] - spread).max(0.0);
        (self.tau[1] * (upper - lower) / (mu1 - mu2)).max(0.0)
    }
}

fn phase_error(test: &Basis<'_>, single: f64) -> f64 {
    let sample = test.single();
    if single <= 0.0 || sample <= 0.0 {
        return 0.5;
    }
    let rate = test.single_wrong() / sample;
    if rate >= 0.5 {
        return 0.5;
    }
    (rate + sampling_excess(test.log, rate, sample, single)).min(0.5)
}
