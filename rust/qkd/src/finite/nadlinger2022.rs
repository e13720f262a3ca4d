//! Finite device-independent keys by entropy accumulation: general attacks, boxes with a memory.
//!
//! n rounds; Bob tests each with probability gamma and says so before Alice measures. A key of length (Nadlinger et al. 2022,
//! doi:10.1038/s41586-022-04941-5, proposition 2 of arXiv:2109.14600v2)
//!
//! ```text
//!     l + b ln l = n [g_t(w) + min_v {eta(v) - g_t(v) - y V(v)} - y^2 K - gamma - x log2(5)^2]
//!                  - [theta(s1) + (1+y) log2(1/eps)]/y - [theta(s2) + (1+x) log2(1/eps)]/x
//!                  - 3 theta(s - s1 - 2 s2) - 5 log2(1/eps_PA) - 6 - told,                     b = 4/ln 2
//!     eta(w)   = 1 - h(1/2 + sqrt(16 w (w-1) + 3)/2), what Eve cannot know of a bit;  g_t: its tangent at t
//!     theta(s) = -log2(1 - sqrt(1 - s^2))
//!     V(v)     = ln2/2 {log2 33 + sqrt[2 + p (1-p) (eta'(t)/gamma)^2]}^2,  p = gamma (1 - v)
//!     K        = 2^(y D) ln^3(2^D + e^2)/[6 (1-y)^3 ln 2],  D = 2 + g_t(1) - g_t(least quantum score)
//! ```
//!
//! is secret where the test passes: at most n gamma (1 - w) rounds of the CHSH game were lost, w decided beforehand. t, y, x
//! and the parts of eps = eps_PA + 2 s are free, and taken at their best. Every outcome of Alice's makes key, those of the
//! test too, and all that was told to correct them counts.
//!
//! Theirs is a key of Trevisan's extractor; a Toeplitz matrix needs fewer bits of entropy for the same eps_PA, so the length
//! is safe for it as well. Theirs counts three authentication tags; here, as for every other key, the channel is
//! authenticated. A tag that verifies the corrected bits counts, and the two words by which both accept.

use super::budget::{Budget, Finite};
use crate::entropy::binary_entropy;
use crate::rates::key_rate::{KeyRate, pulses_of};
use ebit_random::math;
use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// Scores of the CHSH game that quantum boxes can have.
const LEAST: f64 = 0.5 * (1.0 - FRAC_1_SQRT_2);
const GREATEST: f64 = 0.5 * (1.0 + FRAC_1_SQRT_2);
/// And without entanglement.
const CLASSICAL: f64 = 0.75;
/// Standard deviations that honest boxes are allowed below the score expected of them: 1 run in 741 fails the test.
const TOLERANCE_SIGMA: f64 = 3.0;
/// log2(5)^2, of Bob's outcomes in the test: two values and how the others are written.
const LOG_5_SQUARED: f64 = 5.391_350_156_226_868;
/// log2(33): two bits a round, 2 * 4^2 + 1.
const LOG_33: f64 = 5.044_394_119_358_453;
/// Of the secrecy, at most this share is spent on bits that were corrected wrongly and verified.
const VERIFICATION: f64 = 0.01;

/// What is agreed on and told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounds {
    pub rounds: f64,
    /// gamma: how often a round is a test.
    pub test: f64,
    /// w: the score that the test asks for.
    pub score: f64,
    /// Told to correct errors, bits.
    pub disclosed: f64,
}

/// Parts of epsilon, and Renyi orders less one.
#[derive(Debug, Clone, Copy)]
struct Spent {
    whole: f64,
    joint: f64,
    bob: f64,
    rest: f64,
    hashing: f64,
}

/// sqrt(16 w (w - 1) + 3), or nothing where no entanglement is needed.
fn root(score: f64) -> Option<f64> {
    let square = (16.0 * score * (score - 1.0) + 3.0).clamp(0.0, 1.0);
    ((score - 0.5).abs() >= CLASSICAL - 0.5).then(|| math::sqrt(square))
}

/// How fast [`unknown_at`] grows with the score.
fn slope_at(score: f64) -> f64 {
    let by_square = match root(score) {
        None => return 0.0,
        // Against root^2 the slope has a limit where root is 0.
        Some(root) if root < 1e-5 => 0.5 / LN_2,
        Some(root) => 0.25 / root * log_odds(root),
    };
    by_square * 16.0 * (2.0 * score - 1.0)
}

/// What Eve cannot know of a bit at a score of the CHSH game, bits.
#[must_use]
pub fn unknown_at(score: f64) -> f64 {
    root(score).map_or(0.0, |root| 1.0 - binary_entropy(0.5 + 0.5 * root))
}

/// log2((1 + r)/(1 - r)); large, not infinite, at 1.
fn log_odds(r: f64) -> f64 {
    (math::ln_1p(r) - math::ln((1.0 - r).max(f64::MIN_POSITIVE))) / LN_2
}

/// -log2(1 - sqrt(1 - s^2)), without the difference.
fn theta(s: f64) -> f64 {
    math::log2(1.0 + math::sqrt(1.0 - s * s)) - 2.0 * math::log2(s)
}

/// y with y + b ln y = x: what Trevisan's extractor leaves of x bits.
fn extracted(x: f64) -> f64 {
    if x <= 1.0 {
        return x;
    }
    let b = 4.0 / LN_2;
    let mut y = x;
    // Newton's second step and all after it come from below.
    for _ in 0..60 {
        let step = (x - y - b * math::ln(y)) / (1.0 + b / y);
        y += step;
        if step.abs() <= 1e-15 * y {
            break;
        }
    }
    y
}

/// The least of a function with one valley, between two places: where, and how much.
fn valley(mut low: f64, mut high: f64, steps: usize, mut at: impl FnMut(f64) -> f64) -> (f64, f64) {
    let golden = 0.5 * (math::sqrt(5.0) - 1.0);
    let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
    let (mut of_a, mut of_b) = (at(a), at(b));
    for _ in 0..steps {
        if of_a < of_b {
            (high, b, of_b) = (b, a, of_a);
            a = high - golden * (high - low);
            of_a = at(a);
        } else {
            (low, a, of_a) = (a, b, of_b);
            b = low + golden * (high - low);
            of_b = at(b);
        }
    }
    if of_a < of_b { (a, of_a) } else { (b, of_b) }
}

/// The tangent t of one block, and what its second orders cost.
struct Tangent {
    value: f64,
    slope: f64,
    t: f64,
    test: f64,
}

impl Tangent {
    fn at(t: f64, test: f64) -> Self {
        Self { value: unknown_at(t), slope: slope_at(t), t, test }
    }

    fn line(&self, score: f64) -> f64 {
        self.value + (score - self.t) * self.slope
    }

    /// V, and its slope against the score.
    fn spread(&self, score: f64) -> (f64, f64) {
        let p = self.test * (1.0 - score);
        let unit = self.slope / self.test;
        let root = math::sqrt(2.0 + p * (1.0 - p) * unit * unit);
        let whole = LOG_33 + root;
        let by_variance = 0.5 * LN_2 * whole / root;
        (0.5 * LN_2 * whole * whole, -by_variance * self.test * (1.0 - 2.0 * p) * unit * unit)
    }

    /// The least of eta - g_t - y V over the scores of quantum boxes. Convex: eta is, and V is concave in the score.
    fn gap(&self, y: f64) -> f64 {
        let slope = |v: f64| slope_at(v) - self.slope - y * self.spread(v).1;
        let (mut low, mut high) = (LEAST, GREATEST);
        for _ in 0..30 {
            let middle = 0.5 * (low + high);
            (low, high) = if slope(middle) > 0.0 { (low, middle) } else { (middle, high) };
        }
        // The tangent at one side lies below all of it.
        let at = |v: f64| unknown_at(v) - self.line(v) - y * self.spread(v).0;
        at(low) + slope(low).min(0.0) * (high - low)
    }

    /// K.
    fn third(&self, y: f64) -> f64 {
        let span = LN_2 * (2.0 + self.line(1.0) - self.line(LEAST));
        let log = span + math::ln_1p(math::exp(2.0 - span));
        math::exp(y * span) * log * log * log / (6.0 * LN_2 * (1.0 - y) * (1.0 - y) * (1.0 - y))
    }
}

impl Spent {
    /// Where each part costs as much as another by its last bit: shares as the factors before the logarithms.
    fn best(whole: f64, y: f64, x: f64) -> Self {
        let shares = [2.0 / y, 2.0 / x, 6.0, 5.0];
        let unit = whole / shares.iter().sum::<f64>();
        Self {
            whole,
            joint: 0.5 * unit * shares[0],
            bob: 0.25 * unit * shares[1],
            rest: 0.5 * unit * shares[2],
            hashing: unit * shares[3],
        }
    }

    fn log(&self) -> f64 {
        -math::log2(self.whole)
    }

    /// x at its best, and what Bob's outcomes of the test cost besides gamma.
    fn bob(&self, n: f64) -> (f64, f64) {
        let fixed = theta(self.bob) + self.log();
        let x = math::sqrt(fixed / (n * LOG_5_SQUARED)).min(0.999 / math::sqrt(LOG_5_SQUARED));
        (x, n * x * LOG_5_SQUARED + fixed / x + self.log())
    }
}

/// Bits before the extractor, y and x, at the best t and y.
fn entropy(of: &Rounds, spent: &Spent) -> (f64, f64, f64) {
    let n = of.rounds;
    let fixed = theta(spent.joint) + spent.log();
    let (x, of_bob) = spent.bob(n);
    let mut order = 0.0;
    let cost = |t: f64| {
        let tangent = Tangent::at(t, of.test);
        let guess = math::sqrt(fixed / (n * tangent.spread(of.score.clamp(LEAST, GREATEST)).0));
        let (low, high) = (math::ln((0.01 * guess).min(0.05)), math::ln((2.0 * guess).min(0.5)));
        let (log_y, cost) = valley(low, high, 18, |log_y| {
            let y = math::exp(log_y);
            n * (y * y * tangent.third(y) - tangent.gap(y)) + fixed / y
        });
        (math::exp(log_y), cost - n * tangent.line(of.score))
    };
    let (_, least) = valley(CLASSICAL, GREATEST, 25, |t| {
        let (y, cost) = cost(t);
        order = y;
        cost
    });
    let bits = -least - spent.log() - of_bob - n * of.test;
    (bits - 3.0 * theta(spent.rest) + 5.0 * math::log2(spent.hashing) - 6.0 - of.disclosed, order, x)
}

/// Key length in bits (below 0: none), its secrecy, and the parts of epsilon.
#[must_use]
pub fn length(of: &Rounds, budget: &Budget) -> (f64, f64, Vec<(&'static str, f64)>) {
    let mut parts = Vec::new();
    let (bits, secrecy) = budget.settle(of.rounds, |secrecy| {
        let wrong = budget.correctness.0.min(VERIFICATION * secrecy);
        let whole = secrecy - wrong;
        let told = 2.0 - math::log2(wrong);
        // Near what the orders are at last.
        let guess = (1.0 / math::sqrt(of.rounds)).min(0.1);
        let mut spent = Spent::best(whole, guess, 4.0 * guess);
        let mut best = f64::NEG_INFINITY;
        for _ in 0..2 {
            let (bits, y, x) = entropy(of, &spent);
            if bits > best {
                best = bits;
                parts = vec![
                    ("correctness", budget.correctness.0),
                    ("verification", wrong),
                    ("smoothing", whole - spent.hashing),
                    ("privacy_amplification", spent.hashing),
                ];
            }
            spent = Spent::best(whole, y, x);
        }
        extracted(best - told)
    });
    (bits, secrecy, parts)
}

/// A rate per pair that is tried: a share `heralds` of them makes rounds, with this S and error rate of honest boxes.
#[must_use]
pub fn rate(finite: &Finite, heralds: f64, test: f64, chsh: f64, qber: f64, correction: f64) -> KeyRate {
    let n = finite.block.0;
    let Some(pulses) = pulses_of(n, heralds) else { return KeyRate::unfilled(heralds, "no light arrives") };
    let lost = test * (0.5 - 0.125 * chsh);
    let allowed = lost + TOLERANCE_SIGMA * math::sqrt(lost * (1.0 - lost) / n);
    let score = 1.0 - allowed / test;
    // Each of the four pairs of questions has wrong answers; one rate for all of them is their worst case.
    let leak = (1.0 - test) * binary_entropy(qber) + test * binary_entropy(0.5 - 0.125 * chsh);
    let of = Rounds { rounds: n, test, score, disclosed: n * correction * leak };
    let (bits, _, epsilon) = length(&of, &finite.epsilon);
    let asked = 8.0 * score - 4.0;
    let parts = vec![
        ("pulses", pulses),
        ("test_rounds", n * test),
        ("chsh", chsh),
        ("chsh_asked", asked),
        ("qber", qber),
        ("disclosed_bits", of.disclosed),
        ("key_bits", bits.max(0.0)),
    ];
    let mut rate = KeyRate::new(heralds * bits / n, parts, || {
        if asked <= 2.0 {
            return format!(
                "the test can only ask for S = {asked:.4} of boxes that give {chsh:.4}: a longer block, or more of it as test"
            );
        }
        format!("S = {asked:.4}, as the test asks, leaves less than error correction tells and the finite block costs")
    });
    rate.epsilon = epsilon;
    rate
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::Real;

    #[test]
    fn slopes_are_slopes() {
        for score in [0.1465, 0.2, 0.24, 0.3, 0.6, 0.7501, 0.78, 0.82, 0.85] {
            let d = 1e-7;
            let slope = (unknown_at(score + d) - unknown_at(score - d)) / (2.0 * d);
            assert!((slope_at(score) - slope).abs() < 2e-4 * (1.0 + slope.abs()), "{score}: {slope}");
            let tangent = Tangent::at(0.81, 0.05);
            let slope = (tangent.spread(score + d).0 - tangent.spread(score - d).0) / (2.0 * d);
            assert!((tangent.spread(score).1 / slope - 1.0).abs() < 1e-5, "{score}: {slope}");
        }
        assert_eq!(unknown_at(CLASSICAL), 0.0);
        assert!((unknown_at(GREATEST) - 1.0).abs() < 1e-7);
        let around = slope_at(CLASSICAL + 1e-13) / slope_at(CLASSICAL + 1e-9);
        assert!((around - 1.0).abs() < 1e-6, "{around}");
    }

    #[test]
    fn the_gap_is_the_least_of_a_grid() {
        for (t, test, y) in [(0.81, 0.05, 6e-4), (0.84, 1e-3, 1e-4), (0.76, 0.5, 0.1), (0.8535, 0.01, 1e-6)] {
            let tangent = Tangent::at(t, test);
            let at = |v: f64| unknown_at(v) - tangent.line(v) - y * tangent.spread(v).0;
            let steps = 200_000;
            // Dense at the ends, where eta is steep.
            let place = |k: i32| 0.5 - 0.5 * FRAC_1_SQRT_2 * math::cos(std::f64::consts::PI * f64::from(k) / f64::from(steps));
            let grid = (0..=steps).map(|k| at(place(k).clamp(LEAST, GREATEST))).fold(f64::INFINITY, f64::min);
            let found = tangent.gap(y);
            assert!(found <= grid && found > grid - 1e-6 * (1.0 + grid.abs()), "{t} {test} {y}: {found} {grid}");
        }
    }

    #[test]
    fn what_an_extractor_leaves() {
        for y in [1.0, 1.5, 3.0, 100.0, 95_884.0, 1e12] {
            let x = y + 4.0 / LN_2 * math::ln(y);
            assert!((extracted(x) / y - 1.0).abs() < 1e-12, "{y}");
        }
        assert_eq!(extracted(-3.0), -3.0);
    }

    /// Their experiment: n = 1.5e6, gamma = 13/256, w = 0.825538, m = 296 517 and a soundness of 1e-10 make 95 884 bits.
    #[test]
    fn the_key_of_two_ions() {
        let tag = 1.0 / 2_305_843_009_213_693_952.0;
        // Their tags have 64 bits each, of collisions 2^-61; three authenticate.
        let of = Rounds { rounds: 1.5e6, test: 13.0 / 256.0, score: 0.825_538, disclosed: 296_517.0 + 3.0 * 64.0 + 3.0 };
        let budget = Budget { correctness: Real(tag), secrecy: Some(Real(1e-10 - 3.0 * tag)), ..Budget::halves(1e-10) };
        let (bits, _, parts) = length(&of, &budget);
        assert!((bits - 95_884.0).abs() < 8.0, "{bits}");
        assert!((parts.iter().map(|(_, e)| e).sum::<f64>() / (1e-10 - 2.0 * tag) - 1.0).abs() < 1e-12);
    }
}
