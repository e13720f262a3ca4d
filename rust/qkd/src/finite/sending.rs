//! Sending or not sending, with windows that test: a finite key against general attacks, any relay.
//!
//! After Jiang, Yu, Hu and Wang 2019 (doi:10.1103/PhysRevApplied.12.024061): each takes a key window (sends the signal z with
//! probability eps, or nothing) or a test window (vacuum, a weak decoy v or a strong one w, phases random). A key is made of
//! the key windows with one click in which one alone sent, and that a single photon:
//!
//! ```text
//!     l = n1 [1 - h(m1/n1)] - leak - 4 log2(13/eps_sec) - log2(2/eps_cor)
//!     n1 >= the least count at an expectation of k s,  m1 <= the most at k t,   k = P_key 2 eps (1-eps) z e^-z
//!     s >= [w^2 g-(v) - v^2 g+(w) - (w^2 - v^2) g+(0)]/[v w (w - v)]            g(u) = e^u n*(u)/P(u)
//!     t <= [e^(2v) m*(v)/P_slice - g-(0)/2]/(2v)                               +-: bounds on the expectation n*
//! ```
//!
//! n(u): one click, one sent u and the other nothing; m(v): both sent v, phases alike or opposite within the slice, and the
//! detector clicked that this tells against. P: how often each is sent. Nothing is also what a key window did not send, where
//! the other's window is a test.
//!
//! Why: given that there is one photon, and from whom, the window it is in is independent of all that the relay does: counts
//! are sums of independent trials, and expectations are as the probabilities of the windows. A photon that is from either of
//! two with phases alike or opposite, unknown which, is a photon from the one or the other: errors in the slice are phase
//! errors of the key. Without photons, either detector is as often wrong as right. Both directions are counted together, in
//! one bound each. Epsilon is booked as elsewhere here (Lim et al. 2014, doi:10.1103/PhysRevA.89.022307): the rest of the key,
//! entropy 0 or more, costs one chain rule, and phase errors that are more with probability a1^2 smooth by a1. With privacy
//! amplification nu, eps_sec = 2 (2 a1 + a2) + nu + 6 e, all equal.
//!
//! Limits: random phases, exact intensities, vacuum exactly empty, both senders alike, w > v > 0; no pairing of bits against
//! errors.

use super::budget::Budget;
use super::chernoff::{least, least_counted, most, most_counted};
use super::counts::{Length, MOST_PHASE};
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 13.0;

/// What each of the two sends, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Windows {
    pub signal: f64,
    pub weak: f64,
    pub strong: f64,
    /// Of key windows.
    pub key: f64,
    /// Of the signal, in key windows.
    pub sending: f64,
    /// Of the weak and the strong decoy, in test windows; the rest is vacuum.
    pub shares: [f64; 2],
    /// Width of the slice of phase differences, and of that around pi, rad.
    pub slice: f64,
}

/// Windows with one click.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clicks {
    /// Neither sent.
    pub empty: f64,
    /// One sent a weak decoy, the other nothing.
    pub weak: f64,
    /// The same with a strong one.
    pub strong: f64,
    /// Both sent a weak decoy, phases in the slice, wrong detector.
    pub wrong: f64,
    /// Both in key windows.
    pub key: f64,
}

impl Windows {
    /// Probability of key windows on both sides.
    #[must_use]
    pub fn both_key(&self) -> f64 {
        self.key * self.key
    }

    /// Vacuum of one side, where the other's window is a test: [vacuum decoy, not sent].
    fn nothing(&self) -> [f64; 2] {
        let vacuum = 1.0 - self.shares[0] - self.shares[1];
        [(1.0 - self.key) * vacuum, self.key * (1.0 - self.sending)]
    }

    /// Probability that neither sends, not both in key windows.
    #[must_use]
    pub fn empty(&self) -> f64 {
        let [decoy, unsent] = self.nothing();
        decoy * (decoy + 2.0 * unsent)
    }

    /// Probability that one sends this decoy (0: weak, 1: strong) and the other nothing.
    #[must_use]
    pub fn one(&self, decoy: usize) -> f64 {
        let [vacuum, unsent] = self.nothing();
        2.0 * (1.0 - self.key) * self.shares[decoy] * (vacuum + unsent)
    }

    /// Probability that both send a weak decoy with phases in the slice.
    #[must_use]
    pub fn in_slice(&self) -> f64 {
        let both = (1.0 - self.key) * self.shares[0];
        both * both * self.slice / std::f64::consts::PI
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
        ("click_counts", 4.0 * each),
        ("error_counts", each),
        ("single_photon_clicks", each),
    ]
}

/// Key length of a block; `disclosed` is what error correction tells of a key with this error rate.
#[must_use]
pub fn length(sent: &Windows, clicks: &Clicks, qber: f64, disclosed: f64, budget: &Budget) -> Length {
    Length::of_single_photons(budget, clicks.key, qber, disclosed, PARTS, |secrecy| bounds(sent, clicks, secrecy))
}

/// Single photons in the key, and their phase error rate; without the former, how many are lacking.
fn bounds(sent: &Windows, clicks: &Clicks, secrecy: f64) -> (f64, f64) {
    let log = math::ln(PARTS / secrecy);
    let (v, w, z) = (sent.weak, sent.strong, sent.signal);
    let weak = math::exp(v) * least(clicks.weak, log) / sent.one(0);
    let strong = math::exp(w) * most(clicks.strong, log) / sent.one(1);
    let (empty_low, empty_high) = (least(clicks.empty, log) / sent.empty(), most(clicks.empty, log) / sent.empty());
    let yields = (w * w * weak - v * v * strong - (w * w - v * v) * empty_high) / (v * w * (w - v));
    let once = sent.both_key() * 2.0 * sent.sending * (1.0 - sent.sending) * z * math::exp(-z);
    let expected = once * yields;
    if expected <= log {
        return (expected - log, f64::INFINITY);
    }
    let single = least_counted(expected, log).min(clicks.key);
    let wrong = math::exp(2.0 * v) * most(clicks.wrong, log) / sent.in_slice() - 0.5 * empty_low;
    // The bound on phase errors smooths by the root of its failure.
    let errors = most_counted(once * wrong / (2.0 * v), 2.0 * log);
    (single, if single > 0.0 { (errors / single).min(MOST_PHASE) } else { MOST_PHASE })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Windows =
        Windows { signal: 0.4, weak: 0.05, strong: 0.4, key: 0.7, sending: 0.1, shares: [0.5, 0.2], slice: 0.5 };

    #[test]
    fn parts_add_up() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
    }

    #[test]
    fn windows_are_all_there_is() {
        // Key windows on both sides; then, by what each sends: nothing, weak, strong, and the signal beside a test window.
        let decoys = (1.0 - SENT.key) * (SENT.shares[0] + SENT.shares[1]);
        let signal = 2.0 * (1.0 - SENT.key) * SENT.key * SENT.sending;
        let sum = SENT.both_key() + SENT.empty() + SENT.one(0) + SENT.one(1) + decoys * decoys + signal;
        assert!((sum - 1.0).abs() < 1e-15, "{sum}");
        let whole = Windows { slice: std::f64::consts::PI, ..SENT };
        assert!((whole.in_slice() - 0.0225).abs() < 1e-15);
    }

    #[test]
    fn nothing_counted_is_no_key() {
        let clicks = Clicks { empty: 0.0, weak: 0.0, strong: 0.0, wrong: 0.0, key: 0.0 };
        let found = length(&SENT, &clicks, 0.5, 0.0, &Budget::halves(1e-10));
        assert!(found.bits <= 0.0 && found.single == 0.0 && found.phase_error == 0.5, "{found:?}");
    }
}
