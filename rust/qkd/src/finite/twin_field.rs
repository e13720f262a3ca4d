//! Twin field, key from coherent states: a finite key against general attacks, any relay, with three intensities that test.
//!
//! Each sender takes a key window (probability k: a coherent state +-alpha by the bit, mu = alpha^2) or a test window (phase
//! random; vacuum, a weak decoy v or a strong one w, with shares q). The relay announces windows with one click, then both
//! say which windows they took; those of different kinds are dropped. M counts key windows of both with one click, n(ab) test
//! windows by both intensities, either way round together:
//!
//! ```text
//!     l = M [1 - h(N/M)] - leak - 2 log2(3/(2 eps_sec)) - log2(2/eps_cor)
//!     N     <= the most events where the chances add up to k^2 B,     B = [sqrt(B00) + sqrt(B02) + sqrt(B22)]^2 + B11
//!     B00   = e^(-2 mu) (e0 e0)G                  u(n) = [w^(n-1) - (1-t) v^(n-1)]/[n! (w-v)],  u(0) = 0
//!     B02   = 2 e^-mu U (e0 u + u e0)G            g(n) = [(1-t) v^(n-1) + t w^(n-1)]/n!,        g(0) = 0
//!     B22   = U^2 (u u)G                          e0(n) = 1 where n = 0, else 0
//!     B11   = W^2 (g g)G                          U, W = sum of c_n^2/u(n) over even n > 0, of c_n^2/g(n) over odd n
//!     (x y)G = sum_ab x_a y_b G(ab),  G(ab) = e^(a+b) S(ab)/[(1-k)^2 q_a q_b],  x(n) = sum_a x_a a^n/n!,  c_n^2 = e^-mu mu^n/n!
//! ```
//!
//! S(ab): the sum of chances behind the count n(ab), bounded above and below; N and S as in [`super::slopes`].
//!
//! Why, step by step.
//! 1. A key window is as if the sender kept a qubit, (|0>|alpha> + |1>|-alpha>)/sqrt 2, and looked at it afterwards. Seen in
//!    the other basis it tells the parity of the photons sent: the pulse is |C_0> = sum c_n |n> over even n, or |C_1> over
//!    odd n. A single photon that clicks makes the two parities differ, so equal ones are the phase errors, whichever
//!    detector clicked. If they are more than N with probability a1^2 at most, the uncertainty relation (Tomamichel et al.
//!    2012, doi:10.1038/ncomms1631) leaves M [1 - h(N/M)] bits of entropy, smoothed by a1, on average over all that is
//!    announced. With privacy amplification nu, eps_sec = 2 a1 + nu, all three equal.
//! 2. The relay does what it likes to all pulses at once and announces; then the windows are looked at one by one: kind,
//!    parities, photon numbers or intensities. Given the announcement and all that was seen of earlier windows, the chance
//!    that window l was prepared as |psi> is its probability times <psi|F|psi>, with one positive F for all |psi>: what is
//!    left when the other pulses and windows are traced out. So no attack is left out, and windows may depend on each other.
//! 3. The chance of a phase error in window l is k^2 [<C_0 C_0|F|C_0 C_0> + <C_1 C_1|F|C_1 C_1>]. For any x(n) y(m), or sum
//!    of such products, that is >= 0 everywhere and above 0 on a set of photon numbers, by the inequalities of the triangle
//!    and of Cauchy and Schwarz, with F_nm = <nm|F|nm> and all sums but the last over that set,
//!    <sum c_n c_m nm|F|sum c_n c_m nm> <= [sum c_n c_m sqrt(F_nm)]^2 <= sum c_n^2 c_m^2/[x(n) y(m)] sum x(n) y(m) F_nm.
//!    The last sum, over all photon numbers, is (x y)G with the chances of this window in the place of S. u and g are >= 0
//!    everywhere since w > v; u(1) = 0 at t = 0, so that pairs of photons are told from single ones. Even photon numbers are
//!    three sets, both dark, one side dark, both lit: their square roots add up.
//! 4. Over all windows sums of sqrt(P_l Q_l) are at most sqrt(sum P_l sum Q_l) (Cauchy and Schwarz): the same formula holds
//!    for the sums S. Every t in [0, 1] gives a bound, and the best of a few counts, for U, W and each B apart.
//! 5. Each S(ab) and N is bounded but for eps: 13 bounds at 32 slopes, a1^2 in all. They are all smoothed, for the windows'
//!    chances depend on parities that no one looks at.
//!
//! That a combination of test states lies above the states that err is the operator dominance of Maeda, Sasaki and Koashi
//! 2019 (doi:10.1038/s41467-019-11008-z); a finite key of this protocol, with sums over windows that depend on each other by
//! Kato's inequality, is that of Curras-Lorenzo et al. 2021 (doi:10.1038/s41534-020-00345-3). The functionals, the slopes and
//! the constants are derived here.
//!
//! Limits: phases of test windows random, intensities exact, vacuum exactly empty, both senders alike, w > mu and w > v > 0;
//! no window's kind or intensity is known before all announcements.

use super::budget::Budget;
use super::slopes::Slopes;
use crate::entropy::binary_entropy;
use ebit_random::math;

/// Equal parts of the secrecy.
pub const PARTS: f64 = 3.0;
/// Sums of chances from below and from above, and phase errors.
pub const BOUNDS: f64 = 13.0;
/// Shares of the strong decoy in what is asked of the test windows.
const TRIES: [f64; 12] = [0.0, 0.01, 0.02, 0.04, 0.07, 0.11, 0.17, 0.25, 0.37, 0.55, 0.75, 1.0];
const MOST_TERMS: usize = 400;

/// What each of the two sends, and how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Windows {
    pub signal: f64,
    pub weak: f64,
    pub strong: f64,
    /// Of key windows.
    pub key: f64,
    /// Of the weak and the strong decoy, in test windows; the rest is vacuum.
    pub shares: [f64; 2],
}

/// Windows with one click.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clicks {
    /// Test windows by both intensities: vacuum, weak, strong.
    pub test: [[f64; 3]; 3],
    /// Both in key windows.
    pub key: f64,
}

/// A key length and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    /// Secret bits; below 0 where there is no key.
    pub bits: f64,
    pub secrecy: f64,
    /// Upper bound on the phase error rate.
    pub phase_error: f64,
}

impl Windows {
    /// Means of vacuum and decoys.
    #[must_use]
    pub fn means(&self) -> [f64; 3] {
        [0.0, self.weak, self.strong]
    }

    /// Probability that both test and send these two: 0 vacuum, 1 weak, 2 strong.
    #[must_use]
    pub fn pair(&self, a: usize, b: usize) -> f64 {
        let shares = [1.0 - self.shares[0] - self.shares[1], self.shares[0], self.shares[1]];
        let test = 1.0 - self.key;
        test * test * shares[a] * shares[b]
    }

    /// u at this t: what it gives each intensity, and U.
    fn even(&self, t: f64) -> ([f64; 3], f64) {
        let (v, w) = (self.weak, self.strong);
        let of = [-(1.0 - t) / (w - v), 1.0 / (w - v)];
        (self.functional(of), self.series(2, of))
    }

    /// g at this t, and W.
    fn odd(&self, t: f64) -> ([f64; 3], f64) {
        let of = [1.0 - t, t];
        (self.functional(of), self.series(1, of))
    }

    /// a f_v + b f_w, where f_x takes [G(x) - G(0)]/x, which is x^(n-1)/n! on n > 0 photons.
    fn functional(&self, [a, b]: [f64; 2]) -> [f64; 3] {
        let (weak, strong) = (a / self.weak, b / self.strong);
        [-(weak + strong), weak, strong]
    }

    /// An upper bound on the sum of c_n^2/x(n) over n = first, first + 2, ...; x = a f_v + b f_w with a + b >= 0.
    fn series(&self, first: u32, [a, b]: [f64; 2]) -> f64 {
        let (v, w, mu) = (self.weak, self.strong, self.signal);
        if w <= mu {
            return f64::INFINITY;
        }
        let power = |x: f64, n: u32| (0..n).fold(1.0, |p, _| p * x);
        // mu^n, and the parts of x(n) n!.
        let (mut top, mut of_weak, mut of_strong) = (power(mu, first), a * power(v, first - 1), b * power(w, first - 1));
        let mut sum = 0.0;
        for _ in 0..MOST_TERMS {
            let term = top / (of_weak + of_strong);
            top *= mu * mu;
            of_weak *= v * v;
            of_strong *= w * w;
            let next = top / (of_weak + of_strong);
            if !(term.is_finite() && next.is_finite() && term > 0.0) {
                return f64::INFINITY;
            }
            sum += term;
            // The ratio of terms falls with a >= 0; with a < 0 it rises, towards that of strong decoys alone.
            let ratio = (next / term).max(if a < 0.0 { mu * mu / (w * w) } else { 0.0 });
            let rest = next / (1.0 - ratio);
            if ratio < 1.0 && rest <= 1e-15 * sum {
                return math::exp(-mu) * (sum + rest);
            }
        }
        f64::INFINITY
    }
}

/// How the parts are spent, in words.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let each = secrecy / PARTS;
    vec![("correctness", correctness), ("smoothing_and_phase_error", 2.0 * each), ("privacy_amplification", each)]
}

/// Key length of a block; `disclosed` is what error correction tells.
#[must_use]
pub fn length(sent: &Windows, clicks: &Clicks, disclosed: f64, budget: &Budget) -> Key {
    let asked = Asked::new(sent);
    let mut phase_error = 0.5;
    let tag = math::log2(2.0 / budget.correctness.0);
    let (bits, secrecy) = budget.settle(clicks.key, |secrecy| {
        let failing = 2.0 * math::ln(PARTS / secrecy) + math::ln(BOUNDS);
        let slopes = Slopes::new(failing);
        let chances = asked.most(&Grid::within(sent, &clicks.test, &slopes));
        let errors = slopes.most_counted(sent.key * sent.key * chances);
        let rate = if clicks.key > 0.0 { errors / clicks.key } else { f64::INFINITY };
        phase_error = rate.min(0.5);
        // Where there is no key the slope goes on, for searches.
        let secret = if rate >= 0.5 { (0.5 - rate).max(-1.0) } else { 1.0 - binary_entropy(rate) };
        clicks.key * secret - disclosed - 2.0 * math::log2(0.5 * PARTS / secrecy) - tag
    });
    Key { bits, secrecy, phase_error }
}

/// Bounds on G by both intensities, each pair in one of them, either way round together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    pub low: [[f64; 3]; 3],
    pub high: [[f64; 3]; 3],
}

/// What is to be had of each pair of intensities, a <= b.
const PAIRS: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];

impl Grid {
    /// From counts.
    #[must_use]
    pub fn within(sent: &Windows, counts: &[[f64; 3]; 3], slopes: &Slopes) -> Self {
        let mean = sent.means();
        let mut grid = Self { low: [[0.0; 3]; 3], high: [[0.0; 3]; 3] };
        for (a, b) in PAIRS {
            let count = if a == b { counts[a][a] } else { counts[a][b] + counts[b][a] };
            let scale = math::exp(mean[a] + mean[b]) / sent.pair(a, b);
            grid.low[a][b] = scale * slopes.least(count);
            grid.high[a][b] = scale * slopes.most(count);
        }
        grid
    }

    /// Upper bound on (x y + y x)G/2, which is not below 0.
    fn most(&self, x: &[f64; 3], y: &[f64; 3]) -> f64 {
        let term = |(a, b): (usize, usize)| {
            let weight = if a == b { x[a] * y[a] } else { 0.5 * (x[a] * y[b] + x[b] * y[a]) };
            weight * if weight > 0.0 { self.high[a][b] } else { self.low[a][b] }
        };
        PAIRS.into_iter().map(term).sum::<f64>().max(0.0)
    }
}

/// All that may be asked of the test windows, with the sums U and W.
pub struct Asked {
    dark: f64,
    even: [([f64; 3], f64); TRIES.len()],
    odd: [([f64; 3], f64); TRIES.len()],
}

impl Asked {
    #[must_use]
    pub fn new(sent: &Windows) -> Self {
        Self { dark: math::exp(-sent.signal), even: TRIES.map(|t| sent.even(t)), odd: TRIES.map(|t| sent.odd(t)) }
    }

    /// Upper bound on the sum of chances of phase errors, with key windows only: B.
    #[must_use]
    pub fn most(&self, grid: &Grid) -> f64 {
        const E0: [f64; 3] = [1.0, 0.0, 0.0];
        let best = |of: &[([f64; 3], f64)], bound: &dyn Fn(&[f64; 3], f64) -> f64| {
            of.iter().filter(|(_, sum)| sum.is_finite()).map(|(x, sum)| bound(x, *sum)).fold(f64::INFINITY, f64::min)
        };
        let none = self.dark * self.dark * grid.high[0][0];
        let one = best(&self.even, &|u, sum| 4.0 * self.dark * sum * grid.most(&E0, u));
        let both = best(&self.even, &|u, sum| sum * sum * grid.most(u, u));
        let odd = best(&self.odd, &|g, sum| sum * sum * grid.most(g, g));
        let root = math::sqrt(none) + math::sqrt(one) + math::sqrt(both);
        root * root + odd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Windows = Windows { signal: 0.02, weak: 0.06, strong: 0.3, key: 0.9, shares: [0.3, 0.2] };

    #[test]
    fn parts_add_up() {
        let sum: f64 = parts(0.25, 1e-3).iter().map(|(_, p)| p).sum();
        assert!((sum - 0.251).abs() < 1e-15);
    }

    #[test]
    fn pairs_of_test_windows_are_all_of_them() {
        let sum: f64 = (0..3).flat_map(|a| (0..3).map(move |b| SENT.pair(a, b))).sum();
        assert!((sum - 0.01).abs() < 1e-15, "{sum}");
    }

    /// On n photons, times n!, the functionals are what the header says, not below 0; and the sums are those of all n.
    #[test]
    fn functionals_are_positive_and_the_sums_bounds() {
        let power = |x: f64, n: u32| (0..n).fold(1.0, |p, _| p * x);
        for sent in [SENT, Windows { weak: 0.001, ..SENT }, Windows { signal: 0.25, ..SENT }, Windows { weak: 0.29, ..SENT }] {
            let (v, w, mu) = (sent.weak, sent.strong, sent.signal);
            for t in TRIES {
                for (even, (x, sum)) in [(true, sent.even(t)), (false, sent.odd(t))] {
                    let mut direct = 0.0;
                    for n in 0..=60 {
                        // Without the digits lost in sums of the coefficients.
                        let of = if even {
                            (power(w, n.max(1) - 1) - (1.0 - t) * power(v, n.max(1) - 1)) / (w - v)
                        } else {
                            (1.0 - t) * power(v, n.max(1) - 1) + t * power(w, n.max(1) - 1)
                        };
                        let of = if n == 0 { 0.0 } else { of };
                        assert!(of >= 0.0, "{n} {t}");
                        let value: f64 = x.iter().zip(sent.means()).map(|(x, a)| x * power(a, n)).sum();
                        assert!((value - of).abs() <= 1e-11 * x[1].abs().max(1.0), "{n} {t}: {value} {of}");
                        if n > 0 && (n % 2 == 0) == even {
                            direct += math::exp(-mu) * power(mu, n) / of;
                        }
                    }
                    let diverges = !even && t == 0.0 && mu >= v;
                    assert_eq!(sum.is_infinite(), diverges, "{t} {sum}");
                    assert!(diverges || (sum >= direct * (1.0 - 1e-14) && sum < direct * (1.0 + 1e-3)), "{t}: {sum} {direct}");
                }
            }
        }
        let faint = Windows { strong: 0.02, weak: 0.01, ..SENT };
        assert!(faint.even(1.0).1.is_infinite() && faint.odd(1.0).1.is_infinite());
    }

    /// A relay that knows photon numbers: chances of phase errors at their greatest never exceed B.
    #[test]
    fn no_yields_have_more_phase_errors_than_the_bound() {
        const N: usize = 40;
        let pulse = |mean: f64| -> [f64; N] {
            let mut p = [math::exp(-mean); N];
            (1..N).for_each(|n| p[n] = p[n - 1] * mean / n as f64);
            p
        };
        let amplitude = pulse(SENT.signal).map(math::sqrt);
        let asked = Asked::new(&SENT);
        let yields: [&dyn Fn(usize, usize) -> f64; 6] = [
            &|n, m| 1e-3 * (n + m) as f64 + 1e-7,
            &|n, m| if n + m == 2 { 1e-3 } else { 0.0 },
            &|n, m| if n == m { 0.5 } else { 1e-9 },
            &|n, m| if (n + m) % 2 == 0 { 1.0 } else { 0.0 },
            &|n, m| 0.3 * ((7 * n + 13 * m) % 11) as f64 / 11.0,
            &|n, _| if n == 3 { 1.0 } else { 0.0 },
        ];
        for (k, of) in yields.iter().enumerate() {
            let mut sum = 0.0;
            for j in 0..2 {
                let even = (j..N).step_by(2).flat_map(|n| (j..N).step_by(2).map(move |m| (n, m)));
                let root: f64 = even.map(|(n, m)| amplitude[n] * amplitude[m] * math::sqrt(of(n, m))).sum();
                sum += root * root;
            }
            let mut grid = Grid { low: [[0.0; 3]; 3], high: [[0.0; 3]; 3] };
            for (a, b) in PAIRS {
                let mean = SENT.means();
                let (x, y) = (pulse(mean[a]), pulse(mean[b]));
                let of = |n: usize, m: usize| if a == b { of(n, m) } else { of(n, m) + of(m, n) };
                let chance: f64 = (0..N).flat_map(|n| (0..N).map(move |m| (n, m))).map(|(n, m)| x[n] * y[m] * of(n, m)).sum();
                grid.low[a][b] = math::exp(mean[a] + mean[b]) * chance;
                grid.high[a][b] = grid.low[a][b];
            }
            let bound = asked.most(&grid);
            assert!(bound >= sum * (1.0 - 1e-9) - 1e-12, "{k}: {bound} below {sum}");
            assert!(k != 0 || bound < 1.25 * sum, "{bound} of {sum}");
        }
    }

    #[test]
    fn nothing_counted_is_no_key() {
        let clicks = Clicks { test: [[0.0; 3]; 3], key: 0.0 };
        let found = length(&SENT, &clicks, 0.0, &Budget::halves(1e-10));
        assert!(found.bits <= 0.0 && found.phase_error == 0.5, "{found:?}");
    }
}
