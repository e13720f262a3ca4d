//! A memory that emits, and the Bell measurement of its photon with the source's, at one node.
//!
//! ```text
//!     memory (|0>|H> + |1>|V>)/sqrt 2 ~~ eta_m ~~\          / D0
//!                                            [50:50]          in H and in V: exactly one click each
//!     source: n photons ============= eta ======/          \ D1
//! ```
//!
//! With q = 1 - p_d, e = eta, u = 1 - e, h = 1 - e/2, one click in a mode with n photons of the source has probability
//!
//! ```text
//!                        any click is one                                        counts add up to one
//!     no memory photon   w0 = q (2 p_d u^n + e (h^n - u^n)/(h - u))               w0 = 2 p_d q u^n + q^2 e n u^(n-1)
//!     memory photon      w1 = (1-eta_m) w0 + q eta_m (h^n + V e n h^(n-1)/2)      w1 = (1-eta_m) w0 + q^2 eta_m u^n
//!     both               q sqrt((n+1) V eta_m e) h^n                             q^2 sqrt((n+1) V eta_m e) u^n
//! ```
//!
//! where "both" is the matrix element between a photon from the memory and one more from the source, which interfere.
//! Derivation: of the mean of :exp(-d^dagger d): for the mode d of a detector, with the memory's photon sqrt V in the source's mode.

use crate::pair_source::{Law, Photons};
use crate::station::Clicks;

/// One click in one polarisation mode of the node.
#[derive(Debug, Clone)]
pub struct OneClickLaw {
    /// At least one photon came to the click's detector.
    pub photons: Law,
    /// A dark count alone.
    pub dark: Law,
}

impl OneClickLaw {
    pub fn total(&self) -> Law {
        self.photons.iter().chain(&self.dark).copied().collect()
    }
}

/// The Bell measurement of one node.
#[derive(Debug, Clone)]
pub struct BellMeasurement {
    /// Without, and with the memory's photon in the mode.
    pub laws: [OneClickLaw; 2],
    /// The matrix element of both for n = 0, sqrt V eta_m e and its quiet detectors.
    pub coherence: f64,
    /// What each further photon multiplies it with, beside sqrt(n+1).
    pub unseen: f64,
}

impl BellMeasurement {
    /// `eta_memory`, `eta_source`: probability that a photon of the memory, of the source, is detected.
    pub fn of(clicks: &Clicks, eta_memory: f64, eta_source: f64, visibility: f64) -> Self {
        let (none, half) = (1.0 - eta_source, 1.0 - 0.5 * eta_source);
        let (quiet, both_quiet) = (clicks.quiet, clicks.quiet * clicks.quiet);
        let (source_alone, with_memory, unseen, silent): (Law, Law, f64, f64) = if clicks.number_resolving {
            let source = vec![(both_quiet * eta_source, Photons::Quotient(none, none))];
            (source, vec![(both_quiet * eta_memory, Photons::Power(none))], none, both_quiet)
        } else {
            let source = vec![(quiet * eta_source, Photons::Quotient(half, none))];
            let bunched = 0.5 * quiet * visibility * eta_memory * eta_source;
            let memory = vec![(quiet * eta_memory, Photons::Power(half)), (bunched, Photons::Quotient(half, half))];
            (source, memory, half, quiet)
        };
        let dark = vec![(clicks.dark_click(), Photons::Power(none))];
        let lost = |law: &Law| law.clone().into_iter().map(move |(w, photons)| ((1.0 - eta_memory) * w, photons));
        let with = OneClickLaw { photons: lost(&source_alone).chain(with_memory).collect(), dark: lost(&dark).collect() };
        let square = visibility * eta_memory * eta_source;
        Self {
            laws: [OneClickLaw { photons: source_alone, dark }, with],
            coherence: silent * ebit_random::math::sqrt(square),
            unseen,
        }
    }
}
