//! Two samples of clicks, compared.

use ebit_qkd::pulses::job::{Job, Run};

/// A statistical test of a count fails by chance once in 10^6.
pub const SIGMA: f64 = 4.9;

/// A run without a watcher.
pub fn job(root: u128, threads: usize) -> Job<'static> {
    Job { root, threads, stop: &|| false, done: &|_| {} }
}

/// Counts by everything that is recorded: symbols, photons, note and pattern.
fn histogram(run: &Run) -> std::collections::BTreeMap<[u8; 6], f64> {
    let mut out = std::collections::BTreeMap::new();
    let c = &run.clicks;
    for k in 0..c.len() {
        *out.entry([c.alice[k], c.bob[k], c.light[k], c.photons[k], c.note[k], c.pattern[k]]).or_insert(0.0) += 1.0;
    }
    out
}

/// Chi-square of two samples of equal exposure, as a normal deviate (Wilson and Hilferty 1931); classes below 20 are left out.
pub fn deviate(a: &Run, b: &Run) -> f64 {
    let (first, mut second) = (histogram(a), histogram(b));
    let (mut chi, mut classes) = (0.0_f64, 0.0_f64);
    for (key, x) in first {
        let y = second.remove(&key).unwrap_or(0.0);
        if x + y >= 20.0 {
            chi += (x - y) * (x - y) / (x + y);
            classes += 1.0;
        }
    }
    for y in second.into_values().filter(|y| *y >= 20.0) {
        chi += y;
        classes += 1.0;
    }
    let cube: f64 = (chi / classes).cbrt();
    (cube - (1.0 - 2.0 / (9.0 * classes))) / (2.0 / (9.0 * classes)).sqrt()
}
