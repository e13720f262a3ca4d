//! One link by itself: when its first pair is there.

use ebit_random::math;

use crate::numbers::{Link, Numbers};
use crate::relaxation;
use crate::series::Arithmetic;
use crate::waiting::{Law, add_shifted};

impl Numbers {
    /// The law of one link with as many entries as are carried.
    pub fn link_law(&self, link: usize, len: usize, entries: usize, arithmetic: &mut Arithmetic) -> Law {
        let mut law = link_law(&self.links[link], len, entries.min(4), arithmetic);
        if entries == relaxation::ENTRIES {
            let tilt = self.tilts.as_ref().map_or([0.0; 2], |tilts| tilts[link]);
            let more: Vec<Vec<f64>> = tilt.iter().map(|t| law.probability().iter().map(|p| p * t).collect()).collect();
            law.entries.extend(more);
        }
        law
    }
}

/// Mass of a geometric law's end that is not even written down: far below what rounding loses.
const NEGLIGIBLE: f64 = 1e-18;

/// The law of the first success over `len` steps: attempts in a row, each of the duration its outcome takes.
pub fn link_law(link: &Link, len: usize, entries: usize, arithmetic: &mut Arithmetic) -> Law {
    let steps = |t: u64| usize::try_from(t).unwrap_or(usize::MAX);
    let (long, short) = (steps(link.long), steps(link.short));
    let probability = if link.long_if_failed == 0.0 && long == short {
        geometric(link.success, long, len)
    } else {
        let mut probability = vec![0.0; len];
        let mut failed = vec![0.0; len];
        for (t, share) in [(short, 1.0 - link.long_if_failed), (long, link.long_if_failed)] {
            if let Some(f) = failed.get_mut(t) {
                *f += (1.0 - link.success) * share;
            }
        }
        let starts = arithmetic.renewal(&failed, len);
        add_shifted(&mut probability, &starts, long, link.success);
        probability
    };
    let mut law = Law { entries: Vec::with_capacity(entries) };
    for k in 1..entries {
        law.entries.push(probability.iter().map(|p| p * link.pair[k]).collect());
    }
    law.entries.insert(0, probability);
    law.trim();
    law
}

/// Success at the k-th attempt, each `attempt` steps long; as many steps of `len` as hold more than a negligible rest.
fn geometric(success: f64, attempt: usize, len: usize) -> Vec<f64> {
    // After a attempts (1 - success)^a is left.
    let attempts = (math::ln(NEGLIGIBLE) / math::ln_1p(-success)).ceil().max(1.0);
    let wanted = attempts * attempt as f64 + 1.0;
    let mut law = vec![0.0; if wanted < len as f64 { wanted as usize } else { len }];
    let mut p = success;
    for slot in law.iter_mut().step_by(attempt.max(1)).skip(1) {
        *slot = p;
        p *= 1.0 - success;
    }
    law
}
