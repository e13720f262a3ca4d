//! One link by itself: when its first pair is there.

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

/// The law of the first success over `len` steps: attempts in a row, each of the duration its outcome takes.
pub fn link_law(link: &Link, len: usize, entries: usize, arithmetic: &mut Arithmetic) -> Law {
    let mut probability = vec![0.0; len];
    let steps = |t: u64| usize::try_from(t).unwrap_or(usize::MAX);
    let (long, short) = (steps(link.long), steps(link.short));
    if link.long_if_failed == 0.0 && long == short {
        let mut p = link.success;
        let mut t = long;
        while t < len && p > 0.0 {
            probability[t] = p;
            p *= 1.0 - link.success;
            t = t.saturating_add(long);
        }
    } else {
        let mut failed = vec![0.0; len];
        for (t, share) in [(short, 1.0 - link.long_if_failed), (long, link.long_if_failed)] {
            if let Some(f) = failed.get_mut(t) {
                *f += (1.0 - link.success) * share;
            }
        }
        let starts = arithmetic.renewal(&failed, len);
        add_shifted(&mut probability, &starts, long, link.success);
    }
    let entries = (0..entries).map(|k| probability.iter().map(|p| p * link.pair[k]).collect()).collect();
    let mut law = Law { entries };
    law.trim();
    law
}
