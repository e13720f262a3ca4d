//! The best parameters of a protocol, and the longest distance over which it has a key.
//!
//! Nelder and Mead's simplex in the unit cube (doi:10.1093/comjnl/7.4.308), with points beyond a face folded onto it. Where
//! there is no key, bounds are cut off and the landscape is flat: a cold start there sees nothing. So a search begins
//! without loss, where a key is easy, and carries its optimum out in steps of at most [`STEP_DB`] to the distance asked, smaller ones
//! where the key would be lost from one to the next.

use ebit_hardware::channel::Crossing;
use ebit_spec::error::Kind;
use ebit_spec::{Arms, Channel, Fiber, Real, SpecError};

use super::protocol::{Knob, Protocol};
use crate::finite::Finite;
use ebit_random::math;

/// Loss added from one optimum to the next, dB.
pub const STEP_DB: f64 = 6.0;
/// A key that is lost on the way is looked for again in steps down to this, dB.
const LEAST_STEP_DB: f64 = 0.4;
/// Evaluations per dimension on the way, and at the goal.
const ON_THE_WAY: usize = 14;
const AT_THE_GOAL: usize = 60;
/// Farther than any channel carries a key; a satellite's vacuum has no such end.
const FARTHEST_DB: f64 = 1_000.0;

/// Maximizes a function of the unit cube; returns the place and the value.
pub fn maximize(start: &[f64], step: f64, evaluations: usize, score: impl FnMut(&[f64]) -> f64) -> (Vec<f64>, f64) {
    Simplex::new(start, step, score).run(evaluations)
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

    /// The point at `centre + t (centre - worst)`, folded into the cube, with its value.
    fn probe(&mut self, centre: &[f64], t: f64) -> (Vec<f64>, f64) {
        let worst = &self.corners[self.corners.len() - 1].0;
        let x: Vec<f64> = centre.iter().zip(worst).map(|(c, w)| (c + t * (c - w)).clamp(0.0, 1.0)).collect();
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

impl Knob {
    fn value(&self, unit: f64) -> f64 {
        if self.logarithmic {
            return self.low * math::exp(unit * math::ln(self.high / self.low));
        }
        self.low + unit * (self.high - self.low)
    }
    fn unit(&self, value: f64) -> f64 {
        let unit = if self.logarithmic {
            math::ln(value / self.low) / math::ln(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        unit.clamp(0.0, 1.0)
    }
}

/// The protocol at its best parameters.
///
/// # Errors
/// Where even its rate cannot be asked for.
pub fn optimum<P: Protocol>(system: &P, finite: Option<&Finite>) -> Result<P, SpecError> {
    system.key_rate(finite)?;
    let (knobs, start) = system.knobs(finite.is_some());
    if knobs.is_empty() {
        return Ok(system.clone());
    }
    let values = |unit: &[f64]| -> Vec<f64> { knobs.iter().zip(unit).map(|(k, u)| k.value(*u)).collect() };
    let mut unit: Vec<f64> = knobs.iter().zip(&start).map(|(k, v)| k.unit(*v)).collect();
    let turned = |channel: Option<&Channel>, unit: &[f64]| {
        let new = system.turned(&values(unit), finite.is_some());
        channel.map_or_else(|| new.clone(), |c| new.with_channel(c.clone()))
    };
    if let Some(channel) = system.channel() {
        let loss = Crossing::of(channel).loss_db.min(FARTHEST_DB);
        let (mut done, mut step) = (0.0, STEP_DB);
        let budget = ON_THE_WAY * knobs.len();
        let near = scaled(channel, 0.0);
        unit = maximize(&unit, 0.15, 2 * budget, |x| turned(Some(&near), x).score(finite)).0;
        while done + step < loss || step > LEAST_STEP_DB {
            let next = (done + step).min(loss);
            let nearer = scaled(channel, next / loss.max(f64::MIN_POSITIVE));
            let score = |x: &[f64]| turned(Some(&nearer), x).score(finite);
            if finite.is_some() && step > LEAST_STEP_DB && score(&unit) <= 0.0 {
                // The optimum so far has no key out there: a smaller step.
                step *= 0.5;
                continue;
            }
            if next >= loss {
                break;
            }
            let best;
            (unit, best) = maximize(&unit, 0.05, budget, score);
            done = next;
            if finite.is_some() && best <= 0.0 {
                break;
            }
        }
    }
    let goal = |x: &[f64]| turned(None, x).score(finite);
    let (first, _) = maximize(&unit, 0.06, AT_THE_GOAL * knobs.len() / 2, goal);
    // A fresh simplex: an old one may have become flat.
    let (second, best) = maximize(&first, 0.02, AT_THE_GOAL * knobs.len() / 2, goal);
    // What was given may be better than anything the search may turn to.
    if system.score(finite) > best { Ok(system.clone()) } else { Ok(turned(None, &second)) }
}

/// The channel with this share of its loss.
#[must_use]
pub fn scaled(channel: &Channel, share: f64) -> Channel {
    match channel {
        Channel::Arms(arms) => Channel::Arms(Arms { a: Box::new(scaled(&arms.a, share)), b: Box::new(scaled(&arms.b, share)) }),
        _ => lossy(0.0, share * Crossing::of(channel).loss_db),
    }
}

/// A fibre that only loses.
fn lossy(length_km: f64, loss_db: f64) -> Channel {
    let mut fiber = Fiber {
        length_km: Real(length_km),
        loss_db_per_km: Real(0.0),
        insertion_loss_db: Real(loss_db),
        speed_m_per_s: Real(ebit_spec::device::FIBER_SPEED_M_PER_S),
        connectors: 0,
        connector_loss_db: Real(0.0),
    };
    fiber.insertion_loss_db = Real(loss_db);
    Channel::Fiber(fiber)
}

/// The longest fibre over which there is a key, in km; all else stays. Zero where there is none even without a fibre.
///
/// # Errors
/// A channel that is no fibre, a fibre without attenuation, or a rate that cannot be asked for.
pub fn max_distance_km<P: Protocol>(system: &P, finite: Option<&Finite>) -> Result<f64, SpecError> {
    system.key_rate(finite)?;
    let wrong = |got: &str, hint: &str| {
        Err(SpecError::new(Kind::Range, P::NAME, "fiber", "a Fiber with attenuation, to have a longest length", got, hint))
    };
    let Some(Channel::Fiber(fiber)) = system.channel() else {
        return wrong("another channel", "a beam's loss does not grow with a length alone");
    };
    if fiber.loss_db_per_km.0 <= 0.0 {
        return wrong("loss_db_per_km 0", "without attenuation no length is too long");
    }
    let at = |km: f64| system.with_channel(Channel::Fiber(Fiber { length_km: Real(km), ..fiber.clone() })).score(finite);
    // A coarse walk outwards finds the last dB with a key, then halving.
    let per_db = 1.0 / fiber.loss_db_per_km.0;
    let mut last: Option<f64> = None;
    let mut misses = 0;
    let mut db = 0.0;
    while db <= FARTHEST_DB && misses < 20 {
        if at(db * per_db) > 0.0 {
            last = Some(db);
            misses = 0;
        } else {
            misses += 1;
        }
        db += 1.0;
    }
    let Some(found) = last else { return Ok(0.0) };
    if found >= FARTHEST_DB {
        return Ok(f64::INFINITY);
    }
    let (mut low, mut high) = (found * per_db, (found + 1.0) * per_db);
    while high - low > 1e-9 * high {
        let middle = 0.5 * (low + high);
        (low, high) = if at(middle) > 0.0 { (middle, high) } else { (low, middle) };
    }
    Ok(low)
}
