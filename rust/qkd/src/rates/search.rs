//! The best parameters of a protocol, by continuation in distance.
//!
//! Where there is no key, bounds are cut off and the landscape is flat: a cold start there sees nothing. So a search begins
//! without loss, where a key is easy, and carries its optimum out in steps of at most [`STEP_DB`] to the distance asked,
//! smaller ones where the key would be lost from one to the next. Where that way ends without a key, and of protocols with
//! ridges or several optima ([`Protocol::RUGGED`]) always, the search starts again from the best of places all over.
//!
//! A secrecy per bit goes with the key it is to bound, and settling both takes several evaluations. A stage of the search settles
//! its first key, and all others near that one in a single evaluation each ([`Budget::settle`]); short keys as everywhere.

use ebit_hardware::channel::Crossing;
use ebit_spec::{Arms, Channel, Fiber, Real, SpecError};

use super::protocol::{Knob, Protocol};
use super::simplex::maximize;
use crate::finite::budget::Settled;
use crate::finite::{Budget, Finite};
use ebit_random::math;

/// Loss added from one optimum to the next, dB.
pub const STEP_DB: f64 = 6.0;
/// A key that is lost on the way is looked for again in steps down to this, dB.
const LEAST_STEP_DB: f64 = 0.4;
/// Evaluations per dimension on the way, and at the goal.
const ON_THE_WAY: usize = 14;
const AT_THE_GOAL: usize = 60;
/// Places looked at per dimension, how many of them are climbed from, and the evaluations of each climb per dimension.
const LOOKED_AT: usize = 20;
const CLIMBED: usize = 2;
const FROM_EACH: usize = 25;
/// How many times as many of both, where that found no finite key, and the evaluations of a climb before most are given up.
const HARDER: usize = 4;
const SOON: usize = 8;
/// Farther than any channel carries a key; a satellite's vacuum has no such end.
pub const FARTHEST_DB: f64 = 1_000.0;

impl Knob {
    /// Within the range: rounding at its ends must not leave it.
    fn value(&self, unit: f64) -> f64 {
        let value = if self.logarithmic {
            self.low * math::exp(unit * math::ln(self.high / self.low))
        } else {
            self.low + unit * (self.high - self.low)
        };
        value.clamp(self.low, self.high)
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

/// The same, with keys settled near that of the system where a secrecy per bit asks for it and the key is long.
fn anchored<P: Protocol>(system: &P, finite: Option<&Finite>) -> Option<Finite> {
    let finite = *finite?;
    let Some(per_bit) = finite.epsilon.secrecy_per_bit else { return Some(finite) };
    let bits = system.key_rate(Some(&finite)).ok().and_then(|rate| rate.part("key_bits")).unwrap_or(0.0);
    let secrecy = per_bit.0 * bits;
    if !(bits > 1.0 && secrecy < 0.5) {
        return Some(finite);
    }
    let at = |factor: f64| {
        let epsilon = Budget { secrecy: Some(Real(factor * secrecy)), secrecy_per_bit: None, ..finite.epsilon };
        system.score(Some(&Finite { epsilon, ..finite }))
    };
    let slope = (at(1.1) / at(0.9) - 1.0) / math::ln(1.1 / 0.9);
    let near = Some(Settled { bits, slope });
    Some(if slope > 0.0 && slope < 0.5 { Finite { epsilon: Budget { near, ..finite.epsilon }, ..finite } } else { finite })
}

/// The protocol at its best parameters.
///
/// # Errors
/// Where even its rate cannot be asked for.
pub fn optimum<P: Protocol>(system: &P, finite: Option<&Finite>) -> Result<P, SpecError> {
    let given = system.key_rate(finite)?.raw;
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
    let mut arrived = true;
    if let Some(channel) = system.channel() {
        let loss = Crossing::of(channel).loss_db.min(FARTHEST_DB);
        let (mut done, mut step) = (0.0, STEP_DB);
        let budget = ON_THE_WAY * knobs.len();
        let bare = scaled(channel, 0.0);
        if finite.is_some() && turned(Some(&bare), &unit).score(finite) < 0.0 {
            let found = places(knobs.len(), LOOKED_AT * knobs.len(), 1, |x| turned(Some(&bare), x).score(finite));
            unit = found.into_iter().next().map_or(unit, |(place, _)| place);
        }
        let near = anchored(&turned(Some(&bare), &unit), finite);
        let mut best;
        (unit, best) = maximize(&unit, 0.15, 2 * budget, |x| turned(Some(&bare), x).score(near.as_ref()));
        while (finite.is_none() || best > 0.0) && (done + step < loss || step > LEAST_STEP_DB) {
            let next = (done + step).min(loss);
            let nearer = scaled(channel, next / loss.max(f64::MIN_POSITIVE));
            let near = anchored(&turned(Some(&nearer), &unit), finite);
            let score = |x: &[f64]| turned(Some(&nearer), x).score(near.as_ref());
            if finite.is_some() && step > LEAST_STEP_DB && score(&unit) <= 0.0 {
                // The optimum so far has no key out there: a smaller step.
                step *= 0.5;
                continue;
            }
            if next >= loss {
                break;
            }
            (unit, best) = maximize(&unit, 0.05, budget, score);
            done = next;
        }
        arrived = finite.is_none() || best >= 0.0;
    }
    let mut value = f64::NEG_INFINITY;
    if arrived {
        // A fresh simplex at the end: an old one may have become flat; more of them while that brings anything.
        for (k, step) in [0.06, 0.02, 0.02, 0.02, 0.02].into_iter().enumerate() {
            let near = anchored(&turned(None, &unit), finite);
            let before = value;
            (unit, value) = maximize(&unit, step, AT_THE_GOAL * knobs.len() / 2, |x| turned(None, x).score(near.as_ref()));
            if k > 0 && !(value > 0.0 && finite.is_some() && value > before * (1.0 + 1e-7)) {
                break;
            }
        }
    }
    if (P::RUGGED && finite.is_some()) || value <= 0.0 {
        let score = |x: &[f64]| turned(None, x).score(finite);
        // Without a key, what the bounds leave of the cube may be a corner.
        unit = elsewhere(&unit, if finite.is_some() && value <= 0.0 { HARDER } else { 1 }, score);
        if P::RUGGED {
            // Along a ridge a simplex creeps.
            unit = maximize(&unit, 0.05, AT_THE_GOAL * knobs.len(), score).0;
        }
    }
    let best = turned(None, &unit);
    // What was given may be better than anything the search may turn to; without a key, less far from one.
    let found = best.score(finite);
    let kept = if given > 0.0 || found > 0.0 { given > found } else { system.score(finite) > found };
    Ok(if kept { system.clone() } else { best })
}

/// A better place than this one, if there is any, looked for from the best of so many times many all over the cube, and from a
/// wide simplex about it.
fn elsewhere(here: &[f64], times: usize, score: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let (knobs, value) = (here.len(), score(here));
    let mut places = places(knobs, times * LOOKED_AT * knobs, times * CLIMBED, &score);
    places.push((here.to_vec(), value));
    if times > 1 {
        // Of many, most are given up soon.
        let soon = |(x, _): &(Vec<f64>, f64)| maximize(x, 0.2, SOON * knobs, &score);
        places = best_of(places.iter().map(soon).collect(), CLIMBED);
    }
    let climbed = places.iter().map(|(x, _)| maximize(x, 0.2, FROM_EACH * knobs, &score));
    match climbed.max_by(|a, b| a.1.total_cmp(&b.1)) {
        // What is found in few steps is settled in more.
        Some((best, found)) if found > value => maximize(&best, 0.05, AT_THE_GOAL * knobs / 2, &score).0,
        _ => here.to_vec(),
    }
}

/// The `best` of so many places all over the cube, with their scores.
fn places(knobs: usize, many: usize, best: usize, score: impl Fn(&[f64]) -> f64) -> Vec<(Vec<f64>, f64)> {
    let steps = even_steps(knobs);
    let look = |k: usize| {
        let place: Vec<f64> = steps.iter().map(|step| (0.5 + k as f64 * step).fract()).collect();
        let value = score(&place);
        (place, value)
    };
    best_of((1..=many).map(look).collect(), best)
}

fn best_of(mut places: Vec<(Vec<f64>, f64)>, many: usize) -> Vec<(Vec<f64>, f64)> {
    places.sort_by(|a, b| b.1.total_cmp(&a.1));
    places.truncate(many);
    places
}

/// Steps whose multiples fill a cube evenly, however many: powers of a number that is badly approximated by fractions, the root
/// of x^(n + 1) = x + 1.
fn even_steps(knobs: usize) -> Vec<f64> {
    let power = 1.0 / (knobs as f64 + 1.0);
    let root = (0..60).fold(1.5, |x, _| math::pow(1.0 + x, power));
    std::iter::successors(Some(1.0 / root), |step| Some(step / root)).take(knobs).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::DecoyBb84;
    use ebit_spec::parse::parse;

    fn line(km: f64) -> DecoyBb84 {
        let fields = r#""receiver_efficiency": 0.1, "background_probability": 1e-6, "misalignment": 5e-3, "decoys": [0.1, 0.0]"#;
        parse(&format!(r#"{{"fiber": {{"length_km": {km}}}, {fields}}}"#)).unwrap()
    }

    fn per_bit(block: f64) -> Finite {
        parse(&format!(r#"{{"block": {block}, "epsilon": {{"correctness": 1e-15, "secrecy_per_bit": 1e-15}}}}"#)).unwrap()
    }

    #[test]
    fn keys_near_one_are_settled_at_once() {
        let system = DecoyBb84 { signal_probability: Some(Real(0.6)), weak_probability: Some(Real(0.3)), ..line(20.0) };
        let finite = per_bit(1e7);
        let near = anchored(&system, Some(&finite)).unwrap();
        assert_eq!(near.epsilon.near.unwrap().bits, system.key_rate(Some(&finite)).unwrap().part("key_bits").unwrap());
        for (signal, most) in [(0.5, 1e-12), (0.51, 1e-6), (0.6, 1e-4)] {
            let other = DecoyBb84 { signal: Real(signal), ..system.clone() };
            let (one, many) = (other.score(Some(&near)), other.score(Some(&finite)));
            assert!((one / many - 1.0).abs() < most, "{signal}: {one} {many}");
        }
        // A secrecy in one number needs no settling; near short keys, or none, nothing is settled at once.
        let plain = Finite { epsilon: Budget::halves(1e-10), ..finite };
        assert_eq!(anchored(&system, Some(&plain)), Some(plain));
        assert_eq!(anchored(&system, Some(&per_bit(1e4))), Some(per_bit(1e4)));
        assert_eq!(anchored(&system, None), None);
    }

    /// The second way: from the optimum on with a secrecy that every probe settles.
    #[test]
    fn settling_at_every_probe_finds_no_more() {
        for (km, block) in [(20.0, 1e6), (80.0, 1e7), (120.0, 1e9)] {
            let finite = per_bit(block);
            let best = optimum(&line(km), Some(&finite)).unwrap();
            let sent = [best.signal.0, best.signal_probability.unwrap().0, best.weak_probability.unwrap().0, best.sifting.0];
            let start = sent.map(|value| value * 0.5);
            let turned = |x: &[f64]| {
                let mut new = best.clone();
                new.signal = Real(2.0 * x[0]);
                (new.signal_probability, new.weak_probability) = (Some(Real(2.0 * x[1])), Some(Real(2.0 * x[2])));
                new.sifting = Real(2.0 * x[3]);
                new.score(Some(&finite))
            };
            let found = maximize(&start, 0.002, 400, turned).1;
            let own = best.score(Some(&finite));
            assert!(found >= own && found < own * (1.0 + 1e-8), "{km} km: {found} beyond {own}");
        }
    }
}
