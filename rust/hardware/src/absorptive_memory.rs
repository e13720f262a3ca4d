//! A memory that stores photons and announces it, at one node.
//!
//! Each photon that arrives is stored with the memory's efficiency. Each stored photon announces itself, blind to its
//! polarisation, with the detector's efficiency; one detector watches one window. A herald is a click: without number
//! resolution, one announcement or more, or a dark count; with it, exactly one count.
//!
//! The qubit is the polarisation of one of the stored photons, whichever; the others are lost (the qubit's state is the
//! trace over them). A memory that holds none although its herald came, by a dark count, is a white qubit, I/2.
//!
//! With s the probability that a photon is stored, e = s x detector efficiency that it is announced, n photons sent:
//!
//! ```text
//!     click and something stored:  1 - (1-e)^n + p_d ((1-e)^n - (1-s)^n),     counting: q n e (1-e)^(n-1) + p_d (..)
//!     click and nothing stored:    p_d (1-s)^n
//! ```

use crate::pair_source::{Law, Photons};
use crate::station::Clicks;

/// The heralds of one node, as functions of the number of photons sent to it.
#[derive(Debug, Clone)]
pub struct Absorption {
    /// By announcements alone.
    pub announced: Law,
    /// By a dark count although something is stored.
    pub unannounced: Law,
    /// By a dark count, with nothing stored.
    pub empty: Law,
}

impl Absorption {
    /// `arrives`, `memory`, `detector`: probability that a photon arrives, that it is stored then, announced then.
    pub fn of(clicks: &Clicks, arrives: f64, memory: f64, detector: f64) -> Self {
        let stored = arrives * memory;
        let announced = stored * detector;
        let silent = stored * (1.0 - detector);
        let (unannounced, nothing) = (1.0 - announced, 1.0 - stored);
        let seen = if clicks.number_resolving {
            (clicks.quiet * announced, Photons::Quotient(unannounced, unannounced))
        } else {
            (announced, Photons::Quotient(1.0, unannounced))
        };
        Self {
            announced: vec![seen],
            unannounced: vec![(clicks.dark * silent, Photons::Quotient(unannounced, nothing))],
            empty: vec![(clicks.dark, Photons::Power(nothing))],
        }
    }

    /// A click with something stored.
    pub fn stored(&self) -> Law {
        self.announced.iter().chain(&self.unannounced).copied().collect()
    }
}
