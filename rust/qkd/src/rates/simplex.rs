//! Nelder and Mead's simplex in the unit cube (doi:10.1093/comjnl/7.4.308), with points beyond a face drawn back inside.

use ebit_random::math;

/// Maximizes a function of the unit cube; returns the place and the value.
pub fn maximize(start: &[f64], step: f64, evaluations: usize, score: impl FnMut(&[f64]) -> f64) -> (Vec<f64>, f64) {
    Simplex::new(start, step, score).run(evaluations)
}

/// The best of several choices, of which some are open, each with the units it starts from; twice, for an old simplex may have
/// become flat.
pub fn settle(choices: &[(bool, &[f64])], step: f64, mut score: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let start: Vec<f64> = choices.iter().filter(|(open, _)| *open).flat_map(|(_, units)| units.iter().copied()).collect();
    if start.is_empty() {
        return start;
    }
    let rounds = 100 * start.len();
    let (first, _) = maximize(&start, step, rounds, &mut score);
    maximize(&first, 0.05, rounds, score).0
}

/// Between two numbers, in equal factors.
#[must_use]
pub fn factor(low: f64, high: f64, unit: f64) -> f64 {
    (low * math::exp(unit.clamp(0.0, 1.0) * math::ln(high / low))).clamp(low, high)
}

struct Simplex<F> {
    score: F,
    /// Best first.
    corners: Vec<(Vec<f64>, f64)>,
    used: usize,
}

impl<F: FnMut(&[f64]) -> f64> Simplex<F> {
    fn new(start: &[f64], step: f64, score: F) -> Self {
        let mut simplex = Self { score, corners: Vec::with_capacity(start.len() + 1), used: 0 };
        let start: Vec<f64> = start.iter().map(|x| x.clamp(0.0, 1.0)).collect();
        simplex.add(start.clone());
        for k in 0..start.len() {
            let mut corner = start.clone();
            corner[k] += if corner[k] + step <= 1.0 { step } else { -step };
            simplex.add(corner);
        }
        simplex
    }

    fn add(&mut self, x: Vec<f64>) {
        let value = self.at(&x);
        self.corners.push((x, value));
    }

    fn at(&mut self, x: &[f64]) -> f64 {
        self.used += 1;
        let value = (self.score)(x);
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }

    /// The point at `centre + t (centre - worst)` with its value; beyond a face, half the way there. On the face the simplex
    /// would lose a dimension, and never leave it again.
    fn probe(&mut self, centre: &[f64], t: f64) -> (Vec<f64>, f64) {
        let worst = &self.corners[self.corners.len() - 1].0;
        let inside = |c: f64, x: f64| {
            if x < 0.0 {
                0.5 * c
            } else if x > 1.0 {
                0.5 * (1.0 + c)
            } else {
                x
            }
        };
        let x: Vec<f64> = centre.iter().zip(worst).map(|(c, w)| inside(*c, c + t * (c - w))).collect();
        let value = self.at(&x);
        (x, value)
    }

    fn run(mut self, evaluations: usize) -> (Vec<f64>, f64) {
        let n = self.corners.len() - 1;
        loop {
            self.corners.sort_by(|a, b| b.1.total_cmp(&a.1));
            let (best, worst) = (self.corners[0].1, self.corners[n].1);
            let size = self.size();
            if self.used >= evaluations || size < 1e-7 || (size < 1e-4 && (best - worst).abs() <= 1e-15 * best.abs()) {
                break;
            }
            let centre: Vec<f64> = (0..n).map(|k| self.corners[..n].iter().map(|c| c.0[k]).sum::<f64>() / n as f64).collect();
            let second = self.corners[n - 1].1;
            let reflected = self.probe(&centre, 1.0);
            let better = if reflected.1 > best {
                let far = self.probe(&centre, 2.0);
                Some(if far.1 > reflected.1 { far } else { reflected })
            } else if reflected.1 > second {
                Some(reflected)
            } else {
                let near = self.probe(&centre, if reflected.1 > worst { 0.5 } else { -0.5 });
                (near.1 > worst.max(reflected.1)).then_some(near)
            };
            match better {
                Some(corner) => self.corners[n] = corner,
                None => self.shrink(),
            }
        }
        self.corners.swap_remove(0)
    }

    fn size(&self) -> f64 {
        let best = &self.corners[0].0;
        let apart = |x: &[f64]| x.iter().zip(best).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        self.corners[1..].iter().map(|c| apart(&c.0)).fold(0.0, f64::max)
    }

    fn shrink(&mut self) {
        let best = self.corners[0].0.clone();
        for k in 1..self.corners.len() {
            let x: Vec<f64> = self.corners[k].0.iter().zip(&best).map(|(a, b)| b + 0.5 * (a - b)).collect();
            let value = self.at(&x);
            self.corners[k] = (x, value);
        }
    }
}
