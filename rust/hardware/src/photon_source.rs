//! How many photons a source sends, and what a detector makes of them.
//!
//! **Weak coherent pulse.** A laser pulse of unknown phase is a mixture of photon numbers (R. J. Glauber 1963,
//! doi:10.1103/PhysRev.131.2766),
//!
//! ```text
//!     p_n = e^(-mu) mu^n / n!,    G(x) = sum p_n x^n = e^(-mu (1 - x)),    g2 = 1
//! ```
//!
//! **Quantum dot.** Each excitation makes one photon and, by a second excitation within the pulse, another one with
//! probability r. Each leaves the source with the efficiency s:
//!
//! ```text
//!     G(x) = y (1 - r + r y),  y = 1 - s + s x;    g2 = <n(n-1)>/<n>^2 = 2 r/(1+r)^2,  r = g2/(1 - g2 + sqrt(1 - 2 g2))
//! ```
//!
//! Loss leaves both families as they are: mu and s are multiplied by the transmittance, g2 stays. A detector of efficiency
//! e sees G(1 - e eta) of silence. Limits: photons of a dot beyond the second are left out, so g2 <= 1/2; the excitation
//! never fails (else s is smaller and g2 larger); the second photon has the mode of the first where it matters not at all.
//!
//! Refuses to know: polarisation, spins, loss.

use ebit_random::math;
use ebit_spec::PhotonSource;
use ebit_spec::{Detector, QuantumDot};

use crate::station::Clicks;

/// Probability of a second photon of a dot with this g2, at the source.
pub fn double_excitation_probability(dot: &QuantumDot) -> f64 {
    let g2 = dot.g2.0;
    g2 / (1.0 - g2 + math::sqrt((1.0 - 2.0 * g2).max(0.0)))
}

/// Mean number of photons.
pub fn mean_photons(source: &PhotonSource) -> f64 {
    match source {
        PhotonSource::WeakCoherentPulse(pulse) => pulse.mean_photons.0,
        PhotonSource::QuantumDot(dot) => dot.efficiency.0 * (1.0 + double_excitation_probability(dot)),
    }
}

/// Second-order correlation at zero delay.
pub fn g2(source: &PhotonSource) -> f64 {
    match source {
        PhotonSource::WeakCoherentPulse(_) => 1.0,
        PhotonSource::QuantumDot(dot) => dot.g2.0,
    }
}

/// Probabilities of n = 0, 1, .. photons.
///
/// It ends where, of anything that grows with n no faster than n, the rest is below 1e-17 of the term of one photon:
/// for n >= N > mu the sum of n p_n is mu times that of p_(n-1), at most mu p_(N-1)/(1 - mu/N).
pub fn numbers(source: &PhotonSource) -> Vec<f64> {
    const REST: f64 = 1e-17;
    match source {
        PhotonSource::QuantumDot(dot) => {
            let (s, second) = (dot.efficiency.0, double_excitation_probability(dot));
            let lost = 1.0 - s;
            vec![lost * (1.0 - second * s), s * (1.0 - second) + 2.0 * s * lost * second, s * s * second]
        }
        PhotonSource::WeakCoherentPulse(pulse) => {
            let mu = pulse.mean_photons.0;
            let vacuum = math::exp(-mu);
            // mu^n/n!
            let (mut term, mut out) = (mu, vec![vacuum, vacuum * mu]);
            while (out.len() as f64) < 2.0 * mu || term > 0.5 * REST {
                term *= mu / out.len() as f64;
                out.push(vacuum * term);
            }
            out
        }
    }
}

/// Probability that a detector behind a channel of this transmittance clicks in its one window: a photon or more or a dark
/// count; with number resolution, exactly one count.
pub fn click_probability(source: &PhotonSource, transmittance: f64, detector: &Detector) -> f64 {
    let clicks = Clicks::of(detector);
    let eta = transmittance * detector.efficiency.0;
    let (dark, quiet) = (clicks.dark, clicks.quiet);
    let (silent, seen, one) = match source {
        PhotonSource::WeakCoherentPulse(pulse) => {
            let mu = pulse.mean_photons.0 * eta;
            (math::exp(-mu), -math::exp_m1(-mu), mu * math::exp(-mu))
        }
        PhotonSource::QuantumDot(dot) => {
            let (s, second) = (dot.efficiency.0 * eta, double_excitation_probability(dot));
            let lost = 1.0 - s;
            (lost * (1.0 - second * s), s * (1.0 + second * lost), s * (1.0 - second) + 2.0 * s * lost * second)
        }
    };
    if clicks.number_resolving { quiet * one + dark * silent } else { seen + dark * silent }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebit_spec::{Real, WeakCoherentPulse};

    fn pulse(mu: f64) -> PhotonSource {
        PhotonSource::WeakCoherentPulse(WeakCoherentPulse { mean_photons: Real(mu) })
    }

    fn dot(efficiency: f64, g2: f64) -> PhotonSource {
        PhotonSource::QuantumDot(QuantumDot { efficiency: Real(efficiency), g2: Real(g2) })
    }

    fn detector(efficiency: f64, dark: f64, number_resolving: bool) -> Detector {
        Detector {
            efficiency: Real(efficiency),
            dark_count_rate_hz: Real(-math::ln_1p(-dark)),
            window_s: Real(1.0),
            number_resolving,
        }
    }

    fn close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() < tolerance, "{value} against {expected}");
    }

    /// sum of n (n-1) .. p_n
    fn moment(source: &PhotonSource, order: usize) -> f64 {
        numbers(source).iter().enumerate().map(|(n, p)| p * (0..order).map(|k| n as f64 - k as f64).product::<f64>()).sum()
    }

    #[test]
    fn numbers_add_up_to_the_moments() {
        for source in
            [pulse(0.0), pulse(1e-9), pulse(0.48), pulse(7.0), pulse(100.0), dot(0.57, 0.02), dot(1.0, 0.5), dot(0.3, 0.0)]
        {
            let mean = mean_photons(&source);
            close(moment(&source, 0), 1.0, 1e-12);
            close(moment(&source, 1), mean, 1e-12 * mean.max(1e-3));
            close(moment(&source, 2), g2(&source) * mean * mean, 1e-11 * mean.max(1e-3) * mean.max(1e-3));
        }
    }

    /// A lossy channel thins the numbers binomially; both families come out of it as themselves.
    #[test]
    fn loss_keeps_the_family() {
        let thinned = |source: &PhotonSource, t: f64| -> Vec<f64> {
            let sent = numbers(source);
            let mut out = vec![0.0; sent.len()];
            for (n, p) in sent.iter().enumerate() {
                let mut share = vec![1.0];
                for _ in 0..n {
                    let mut next = vec![0.0; share.len() + 1];
                    for (k, x) in share.iter().enumerate() {
                        next[k] += x * (1.0 - t);
                        next[k + 1] += x * t;
                    }
                    share = next;
                }
                share.iter().enumerate().for_each(|(k, x)| out[k] += p * x);
            }
            out
        };
        for (source, behind) in [(pulse(3.0), pulse(0.6)), (dot(0.57, 0.3), dot(0.57 * 0.2, 0.3))] {
            let (a, b) = (thinned(&source, 0.2), numbers(&behind));
            (0..b.len().min(a.len())).for_each(|n| close(a[n], b[n], 1e-13));
        }
    }

    /// The closed forms of a click are the sum over photon numbers, each photon seen or not.
    #[test]
    fn clicks_are_sums_over_photon_numbers() {
        for source in [pulse(0.48), pulse(9.0), dot(0.57, 0.02), dot(0.9, 0.5)] {
            for (efficiency, dark) in [(0.8, 0.0), (0.3, 1e-3), (1.0, 0.2)] {
                let (t, eta) = (0.37, 0.37 * efficiency);
                let sum = |click: &dyn Fn(f64, f64) -> f64| -> f64 {
                    numbers(&source)
                        .iter()
                        .enumerate()
                        .map(|(n, p)| {
                            let silent = (0..n).fold(1.0, |x, _| x * (1.0 - eta));
                            let one = (1..n).fold(n as f64 * eta, |x, _| x * (1.0 - eta));
                            p * click(silent, one)
                        })
                        .sum()
                };
                let threshold = sum(&|silent, _| 1.0 - (1.0 - dark) * silent);
                let resolving = sum(&|silent, one| (1.0 - dark) * one + dark * silent);
                close(click_probability(&source, t, &detector(efficiency, dark, false)), threshold, 1e-13);
                close(click_probability(&source, t, &detector(efficiency, dark, true)), resolving, 1e-13);
            }
        }
    }

    #[test]
    fn limits() {
        // A faint pulse is a single photon of that probability; a dot without second photons is one.
        close(click_probability(&pulse(1e-8), 1.0, &detector(1.0, 0.0, false)) / 1e-8, 1.0, 1e-7);
        assert_eq!(numbers(&dot(0.25, 0.0)), [0.75, 0.25, 0.0]);
        // g2 = 1/2: always two photons.
        close(numbers(&dot(1.0, 0.5))[2], 1.0, 1e-12);
        close(double_excitation_probability(&QuantumDot { efficiency: Real(1.0), g2: Real(0.02) }), 0.01, 3e-4);
        assert_eq!(numbers(&pulse(0.0))[0], 1.0);
    }
}
