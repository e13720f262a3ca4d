//! Pumping, exactly: a stored pair is distilled with one fresh pair after another, each begun when the stored one is there.
//!
//! ```text
//!   stored   |--fresh--|=====waits=====o==waits==o====>      o: a round; one that fails loses both, and all begins anew
//!   fresh              |-----fresh-----| |-fresh-|
//! ```
//!
//! The pair of a series A_j(t), stored after j rounds without a failure, waits for as long as the next fresh one takes, and a
//! round is bilinear in the two. So with entries a, b of (1, x, y, z), E the law of a fresh pair and c the form of a round,
//!
//! ```text
//!   A_{j+1,k}(t) = sum_ab c_kab sum_u A_{j,a}(t - u) E_b(u) e^(-r_a u),    A_0 = E
//! ```
//!
//! is a product of power series, and what fails is all that was there less what is kept. A fresh pair has not waited when it
//! is used. Briegel, Dür, Cirac and Zoller, doi:10.1103/PhysRevLett.81.5932.

use ebit_random::math;

use crate::numbers::Quad;
use crate::relaxation;
use crate::series::Arithmetic;
use crate::waiting::{Law, add_shifted};

/// How the stored pair decays per step.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Of (1, x, y, z).
    pub rates: Quad,
    /// Where memories relax, the rates of its two halves: then z is a sum of exponentials.
    pub sides: Option<[f64; 2]>,
}

impl Stored {
    /// Series that add up to an entry of the stored pair, with the rate at which each shrinks.
    fn parts(&self, law: &Law, entry: usize) -> Vec<(Vec<f64>, f64)> {
        match self.sides {
            Some(sides) if entry == 3 => relaxation::excesses(law).into_iter().zip(relaxation::rates(sides)).collect(),
            _ => vec![(law.entry(entry).to_vec(), self.rates[entry])],
        }
    }
}

/// What a fresh pair that took u steps makes of a part of the stored one that shrinks at `rate`; None: nothing.
fn partner(fresh: &Law, form: &Quad, rate: f64) -> Option<Vec<f64>> {
    if *form == [0.0; 4] {
        return None;
    }
    let mut sum = vec![0.0; fresh.probability().len()];
    for (b, weight) in form.iter().enumerate().filter(|(_, w)| **w != 0.0) {
        add_shifted(&mut sum, fresh.entry(b), 0, *weight);
    }
    if rate != 0.0 {
        sum.iter_mut().enumerate().for_each(|(u, x)| *x *= math::exp(-rate * u as f64));
    }
    Some(sum)
}

/// Tries of so many rounds from the beginning: those in which all succeed, and when the others end.
pub fn tries(
    fresh: &Law,
    rounds: u32,
    stored: Stored,
    form: &[[Quad; 4]; 4],
    arithmetic: &mut Arithmetic,
) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut law = fresh.clone();
    let mut failures = vec![0.0; fresh.probability().len()];
    for _ in 0..rounds {
        let len = law.probability().len() + fresh.probability().len() - 1;
        let all = arithmetic.product(law.probability(), fresh.probability(), len);
        let mut kept = vec![vec![0.0; len]; 4];
        for a in 0..4 {
            for (part, rate) in stored.parts(&law, a) {
                for (out, form) in kept.iter_mut().zip(form) {
                    let Some(partner) = partner(fresh, &form[a], rate) else { continue };
                    add_shifted(out, &arithmetic.product(&part, &partner, len), 0, 1.0);
                }
            }
        }
        failures.resize(failures.len().max(len), 0.0);
        failures.iter_mut().zip(all.iter().zip(&kept[0])).for_each(|(lost, (all, good))| *lost += (all - good).max(0.0));
        // What is kept has no <ZI> and <IZ>.
        kept.resize(fresh.entries.len().max(4), vec![0.0; len]);
        law = Law { entries: kept };
        law.trim();
    }
    // The last try may end before the first failure that is still possible.
    law.entries.iter_mut().for_each(|series| series.resize(failures.len(), 0.0));
    (law.entries, failures)
}

#[cfg(test)]
mod tests {
    use ebit_quantum::{BellDiagonal, Distillation};

    use super::*;
    use crate::numbers::distillation_form;

    /// A pair that is there after so many steps for certain.
    fn at(steps: usize, pair: &BellDiagonal) -> Law {
        let t = pair.correlations();
        let entries = [1.0, t.x, t.y, t.z].map(|x| {
            let mut series = vec![0.0; steps + 1];
            series[steps] = x;
            series
        });
        Law { entries: entries.to_vec() }
    }

    /// Fixed times: round by round by hand, the stored pair dephased for as long as a fresh one takes.
    #[test]
    fn rounds_by_hand() {
        let pair = BellDiagonal::new([0.8, 0.1, 0.07, 0.03]).unwrap();
        let (steps, rate) = (70, 0.003);
        for protocol in [Distillation::Dejmps, Distillation::Bbpssw] {
            let form = distillation_form(protocol);
            let how = Stored { rates: [0.0, rate, rate, 0.0], sides: None };
            let (success, failures) = tries(&at(steps, &pair), 3, how, &form, &mut Arithmetic::new());
            let (mut stored, mut survived) = (pair, 1.0);
            for round in 1..=3 {
                let waited = stored.dephase(0.5 * (1.0 - math::exp(-rate * steps as f64))).unwrap();
                let (probability, kept) = waited.distill(&pair, protocol);
                assert!((failures[(1 + round) * steps] - survived * (1.0 - probability)).abs() < 1e-14);
                (stored, survived) = (kept, survived * probability);
            }
            let t = stored.correlations();
            for (series, wanted) in success.iter().zip([1.0, t.x, t.y, t.z]) {
                assert!((series[4 * steps] - survived * wanted).abs() < 1e-14);
            }
            let total = success[0].iter().sum::<f64>() + failures.iter().sum::<f64>();
            assert!((total - 1.0).abs() < 1e-13, "{total}");
        }
    }
}
