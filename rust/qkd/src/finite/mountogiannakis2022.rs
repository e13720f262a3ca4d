//! Composable finite keys of GG02 against collective Gaussian attacks, homodyne and heterodyne.
//!
//! Of N sifted signals m = N - n are compared, n make key (Mountogiannakis et al. 2022, doi:10.48550/arXiv.2103.16589, their
//! heterodyne sequel doi:10.48550/arXiv.2205.10142):
//!
//! ```text
//!     R = (n p_ec/N) [beta I_AB - chi - Delta_AEP/sqrt(n) + Theta/n]
//!     Delta_AEP = 4 log2(sqrt d + 2) sqrt(log2(18/(p_ec^2 eps_s^4))),  d = 2^p homodyne, 2^(2p) heterodyne
//!     Theta = log2[p_ec (1 - eps_s^2/3)] + 2 log2(sqrt 2 eps_h)
//!     epsilon = eps_cor + eps_s + eps_h + 2 p_ec eps_pe
//! ```
//!
//! p: bits to which an outcome is rounded, per quadrature; p_ec: how often a block is reconciled. What is disclosed is counted,
//! so I_AB is that of the line; chi is Eve's, and bounded. Bob's outcome is b = t a + noise of variance s^2. By maximum
//! likelihood t^ = sum a b/sum a^2 is normal about t with variance s^2/sum a^2, and k s^^2/s^2 is chi-squared of k - 1 degrees; k
//! is m, of heterodyne detection 2m. With w = sqrt 2 erfc^-1(eps_pe):
//!
//! ```text
//!     s^2 <= S^2 = s^^2/(1 - w sqrt(2/k)),   |t - t^| <= w S/sqrt(sum a^2),   chi = max over these t of chi(t, S^2)
//! ```
//!
//! The second with s for S fails with eps_pe exactly. The first fails with at most half of that (eps_pe < 0.1): the lower tail
//! of chi-squared is lighter than a normal one. Together that is less than the 2 eps_pe they may spend.
//!
//! Where this departs from the source, and why:
//!
//! - The source takes chi at the least t. At a fixed S^2 chi rises with t up to a transmittance near 0.6, and falls after it:
//!   beyond some 10 km of fibre the least t is what Eve likes least. Here the greatest chi of the whole interval is taken.
//! - The source's S^2 = s^^2 (1 + w sqrt(2/k)) and w s^/sqrt(sum a^2) hold to first order in w/sqrt k; these hold to all. At
//!   k = 1e4 and eps_pe = 1e-10 the source's S fails more often than with eps_pe.
//! - Its program offers a second variance of t^, with 2 t^2/m added. That is the variance of sum a b/(m V_A), an estimator which
//!   does not use the values sent; for the one above it is too large.
//!
//! Limits: Gaussian attacks, the same on every signal; the rate is that of the expected estimates.

use super::budget::Finite;
use crate::rates::gaussian::Gaussian;
use crate::rates::key_rate::{KeyRate, pulses_of};
use ebit_random::math;

/// What the parties fix beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    pub reconciliation_efficiency: f64,
    /// m/N.
    pub estimation_share: f64,
    pub digitization_bits: f64,
    /// p_ec.
    pub success: f64,
    pub sifting: f64,
}

/// Where the channel is, from what was compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    pub transmittance: [f64; 2],
    /// Upper bound on the variance of Bob's outcome given what Alice sent.
    pub noise: f64,
}

/// How the parts are spent, in words: a third of the secrecy each.
#[must_use]
pub fn parts(secrecy: f64, correctness: f64) -> Vec<(&'static str, f64)> {
    let third = secrecy / 3.0;
    vec![
        ("correctness", correctness),
        ("smoothing", third),
        ("privacy_amplification", third),
        ("parameter_estimation", secrecy - 2.0 * third),
    ]
}

/// Standard deviations that a normal variable exceeds, to either side, with this probability: sqrt 2 erfc^-1.
#[must_use]
pub fn deviations(probability: f64) -> f64 {
    if probability >= 1.0 {
        return 0.0;
    }
    let log = math::ln(probability);
    // erfc(x) <= e^-x^2: Newton's steps on the concave ln erfc come down from here.
    let mut x = math::sqrt(-log);
    // Below, erfc is no normal number; the bound itself is safe.
    if probability < 1e-300 {
        return std::f64::consts::SQRT_2 * x;
    }
    for _ in 0..60 {
        let tail = math::erfc(x);
        let slope = std::f64::consts::FRAC_2_SQRT_PI * math::exp(-x * x) / tail;
        let step = (math::ln(tail) - log) / slope;
        x += step;
        if step.abs() <= 1e-15 * x {
            break;
        }
    }
    std::f64::consts::SQRT_2 * x.max(0.0)
}

/// The channels that agree with this many values compared, but with probability `fails` for each bound; none where they do not
/// keep the noise finite and the transmittance off 0.
#[must_use]
pub fn region(line: &Gaussian, values: f64, fails: f64) -> Option<Region> {
    let w = deviations(fails);
    let left = 1.0 - w * math::sqrt(2.0 / values);
    if left.is_nan() || left <= 0.0 {
        return None;
    }
    let noise = line.noise() / left;
    let slope = math::sqrt(line.gain());
    let aside = w * math::sqrt(noise / (values * line.variance));
    let per_gain = line.transmittance / line.gain();
    let at = |slope: f64| (slope * slope * per_gain).min(1.0);
    (slope > aside).then(|| Region { transmittance: [at(slope - aside), at(slope + aside)], noise })
}

impl Region {
    fn holevo_at(&self, line: &Gaussian, transmittance: f64) -> f64 {
        let there = Gaussian { transmittance, ..*line };
        let excess = (self.noise - line.quiet()) / there.gain();
        Gaussian { excess, ..there }.information().holevo
    }

    /// Greatest excess noise at the channel's input.
    #[must_use]
    pub fn excess(&self, line: &Gaussian) -> f64 {
        (self.noise - line.quiet()) / Gaussian { transmittance: self.transmittance[0], ..*line }.gain()
    }

    /// The most that Eve may know, of all the channels here.
    #[must_use]
    pub fn holevo(&self, line: &Gaussian) -> f64 {
        let [mut low, mut high] = self.transmittance;
        let at = |t: f64| self.holevo_at(line, t);
        let ends = at(low).max(at(high));
        // One maximum, inside or at an end: the golden section closes in on it.
        let golden = 0.5 * (math::sqrt(5.0) - 1.0);
        let (mut a, mut b) = (high - golden * (high - low), low + golden * (high - low));
        let (mut of_a, mut of_b) = (at(a), at(b));
        for _ in 0..24 {
            if of_a > of_b {
                (high, b, of_b) = (b, a, of_a);
                a = high - golden * (high - low);
                of_a = at(a);
            } else {
                (low, a, of_a) = (a, b, of_b);
                b = low + golden * (high - low);
                of_b = at(b);
            }
        }
        ends.max(of_a).max(of_b)
    }
}

/// What a block loses for being finite, bits per signal: Delta_AEP/sqrt n - Theta/n.
#[must_use]
pub fn penalty(n: f64, letters: f64, success: f64, smoothing: f64, hashing: f64) -> f64 {
    let log_18 = 1.0 + 2.0 * math::log2(3.0);
    let inside = log_18 - 2.0 * math::log2(success) - 4.0 * math::log2(smoothing);
    let spread = 4.0 * math::log2(math::sqrt(letters) + 2.0) * math::sqrt(inside);
    let theta = math::log2(success * (1.0 - smoothing * smoothing / 3.0)) + 1.0 + 2.0 * math::log2(hashing);
    spread / math::sqrt(n) - theta / n
}

/// A rate per pulse, in expectation over blocks that are reconciled and blocks that are not.
#[must_use]
pub fn rate(finite: &Finite, line: &Gaussian, terms: &Terms) -> KeyRate {
    let n = finite.block.0;
    let compared = n * terms.estimation_share / (1.0 - terms.estimation_share);
    let Some(pulses) = pulses_of(n + compared, terms.sifting) else { return KeyRate::unfilled(terms.sifting, "nothing is kept") };
    let quadratures = if line.heterodyne { 2.0 } else { 1.0 };
    let letters = math::pow(2.0, quadratures * terms.digitization_bits);
    let mutual = line.information().mutual;
    let shared = terms.reconciliation_efficiency * mutual;
    // Of the last secrecy asked: bounds on the channel, Eve's bits, the block's.
    let (mut bounds, mut holevo, mut lost) = (None, f64::INFINITY, f64::INFINITY);
    let (bits, secrecy) = finite.epsilon.settle(n * mutual.max(1.0), |secrecy| {
        let part = secrecy / 3.0;
        lost = penalty(n, letters, terms.success, part, part);
        bounds = region(line, quadratures * compared, part / (2.0 * terms.success));
        // Without bounds on the channel all that is shared counts as Eve's, if she does not know more yet.
        holevo = bounds.map_or(line.information().holevo.max(shared), |each| each.holevo(line));
        n * (shared - holevo - lost)
    });
    let mut parts = vec![("pulses", pulses), ("estimation_signals", compared), ("mutual_information", mutual)];
    if let Some(region) = bounds {
        let [low, high] = region.transmittance;
        parts.extend([
            ("transmittance_low", low),
            ("transmittance_high", high),
            ("excess_noise_high", region.excess(line)),
            ("holevo", holevo),
        ]);
    }
    parts.extend([("block_penalty", lost), ("key_bits", bits.max(0.0))]);
    let mut rate = KeyRate::new(terms.success * bits / pulses, parts, || {
        if bounds.is_none() {
            return format!(
                "{compared:.0} signals compared bound neither noise nor transmittance: a longer block, or a larger estimation_share"
            );
        }
        format!(
            "of {shared:.4} bits that reconciliation shares of a signal, Eve may know {holevo:.4} and the finite block costs \
             {lost:.4}: a longer block, less excess noise, or a larger beta"
        )
    });
    rate.epsilon = self::parts(secrecy, finite.epsilon.correctness.0);
    rate
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(heterodyne: bool, transmittance: f64) -> Gaussian {
        Gaussian { variance: 5.0, transmittance, excess: 0.01, efficiency: 0.8, electronic: 0.1, heterodyne }
    }

    #[test]
    fn deviations_are_those_of_tables() {
        for (probability, wanted) in [
            (0.317_310_507_862_914_15, 1.0),
            (0.05, 1.959_963_984_540_054),
            (1e-10, 6.466_951_087_240_517),
            (1e-100, 21.305_940_069_351_532),
            (1.0 - 1e-6, 1.253_314_137_4e-6),
        ] {
            let found = deviations(probability);
            assert!((found / wanted - 1.0).abs() < 1e-9, "{probability}: {found} {wanted}");
        }
        assert_eq!(deviations(1.0), 0.0);
        // The two ways meet, and the bound lies outside.
        let (inside, outside) = (deviations(1.01e-300), deviations(0.99e-300));
        assert!(outside > inside && outside < 1.003 * inside, "{inside} {outside}");
    }

    /// Short lines have Eve's best channel at the least transmittance, long ones at the greatest, some in between.
    #[test]
    fn eve_chooses_her_channel() {
        for heterodyne in [false, true] {
            for (t, side) in [(0.9, 0), (0.2, 1)] {
                let line = line(heterodyne, t);
                let region = region(&line, 1e7, 1e-10).unwrap_or(Region { transmittance: [0.0; 2], noise: 0.0 });
                let at = region.transmittance.map(|t| region.holevo_at(&line, t));
                assert_eq!(region.holevo(&line), at[side], "{t} {at:?}");
                assert!(at[side] > at[1 - side] && at[1 - side] > 0.0);
            }
            let line = line(heterodyne, 0.65);
            let wide = Region { transmittance: [0.2, 0.95], noise: line.noise() };
            let grid = (0..=3000).map(|k| wide.holevo_at(&line, 0.2 + 0.75 * f64::from(k) / 3000.0)).fold(0.0, f64::max);
            let found = wide.holevo(&line);
            assert!(found >= grid && found < grid + 1e-6, "{found} {grid}");
            assert!(found > 1.01 * wide.holevo_at(&line, 0.2).max(wide.holevo_at(&line, 0.95)));
        }
    }

    #[test]
    fn few_values_bound_nothing() {
        assert_eq!(region(&line(false, 0.5), 80.0, 1e-10), None);
        assert!(region(&line(false, 0.5), 1e4, 1e-10).is_some());
        // The slope drowns in the noise.
        assert_eq!(region(&line(false, 1e-4), 1e4, 1e-10), None);
    }
}
