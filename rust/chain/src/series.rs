//! Truncated power series in one step of time: the generating functions of waiting times.
//!
//! A series is its coefficients f(0), f(1), ... f(n-1); what lies beyond n is cut off, not wrapped around. Products of
//! long series go through a real FFT with room for the whole product, short ones through the definition.

use std::sync::Arc;

use num_complex::Complex64;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

/// Below this many coefficients the definition is faster than the transform.
const SHORT: usize = 48;

/// Products and quotients of series of up to a fixed length, with the transforms they need.
pub struct Arithmetic {
    planner: RealFftPlanner<f64>,
}

impl Default for Arithmetic {
    fn default() -> Self {
        Self::new()
    }
}

/// The transform of a series, for several products with it.
struct Spectrum(Vec<Complex64>);

impl Arithmetic {
    pub fn new() -> Self {
        Self { planner: RealFftPlanner::new() }
    }

    fn plans(&mut self, size: usize) -> (Arc<dyn RealToComplex<f64>>, Arc<dyn ComplexToReal<f64>>) {
        (self.planner.plan_fft_forward(size), self.planner.plan_fft_inverse(size))
    }

    fn spectrum(&mut self, series: &[f64], size: usize) -> Spectrum {
        let (forward, _) = self.plans(size);
        let mut input = vec![0.0; size];
        input[..series.len()].copy_from_slice(series);
        let mut output = forward.make_output_vec();
        // The lengths are the plan's own, so this cannot fail; an empty spectrum would show as zeros.
        if forward.process(&mut input, &mut output).is_err() {
            output.fill(Complex64::default());
        }
        Spectrum(output)
    }

    fn back(&mut self, mut spectrum: Vec<Complex64>, size: usize) -> Vec<f64> {
        let (_, inverse) = self.plans(size);
        // The ends of a real signal's spectrum are real; rounding may say otherwise.
        if let Some(first) = spectrum.first_mut() {
            first.im = 0.0;
        }
        if let Some(last) = spectrum.last_mut() {
            last.im = 0.0;
        }
        let mut output = inverse.make_output_vec();
        if inverse.process(&mut spectrum, &mut output).is_err() {
            output.fill(0.0);
        }
        let scale = 1.0 / size as f64;
        output.iter_mut().for_each(|x| *x *= scale);
        output
    }

    fn product_of(&mut self, a: &Spectrum, b: &Spectrum, size: usize) -> Vec<f64> {
        self.back(a.0.iter().zip(&b.0).map(|(x, y)| x * y).collect(), size)
    }

    /// The first `len` coefficients of a b.
    pub fn product(&mut self, a: &[f64], b: &[f64], len: usize) -> Vec<f64> {
        let (a, b) = (&a[..a.len().min(len)], &b[..b.len().min(len)]);
        if a.is_empty() || b.is_empty() {
            return vec![0.0; len];
        }
        if a.len().min(b.len()) <= SHORT {
            return short_product(a, b, len);
        }
        let size = transform_size(a.len() + b.len() - 1);
        let (a, b) = (self.spectrum(a, size), self.spectrum(b, size));
        let mut out = self.product_of(&a, &b, size);
        out.resize(len, 0.0);
        out
    }

    /// The first `len` coefficients of 1 / (1 - d), where d(0) = 0: how often a process that restarts after a time
    /// distributed as d restarts at each instant.
    ///
    /// Newton's iteration g <- g (2 - (1-d) g) doubles the number of right coefficients.
    pub fn renewal(&mut self, d: &[f64], len: usize) -> Vec<f64> {
        let at = |k: usize| d.get(k).copied().unwrap_or(0.0);
        let first = len.min(SHORT);
        let mut g = vec![0.0; first];
        if first == 0 {
            return g;
        }
        g[0] = 1.0;
        for n in 1..first {
            g[n] = (1..=n).map(|k| at(k) * g[n - k]).sum();
        }
        while g.len() < len {
            let (known, next) = (g.len(), (2 * g.len()).min(len));
            // Cyclic products of this size: what wraps around falls on the known coefficients, which are not read.
            let size = transform_size(next + known);
            let truncated = &d[..d.len().min(next)];
            let g_hat = self.spectrum(&g, size);
            let d_hat = self.spectrum(truncated, size);
            let dg = self.product_of(&d_hat, &g_hat, size);
            // (1-d) g = 1 + error, whose first `known` coefficients vanish.
            let mut error = vec![0.0; next];
            error[known..next].copy_from_slice(&dg[known..next]);
            let error_hat = self.spectrum(&error, size);
            let correction = self.product_of(&error_hat, &g_hat, size);
            g.extend_from_slice(&correction[known..next]);
        }
        g
    }
}

/// A process that tries until it succeeds: S_k / (1 - D) for the series of successes S_0, S_1, ... and of failures D.
pub struct Repeated<'a> {
    /// The series of success, time first; each is overwritten by its quotient.
    pub success: &'a mut Vec<Vec<f64>>,
    /// The series of failures; None: they are `share` times the successes.
    pub failures: Option<&'a [f64]>,
    pub share: f64,
}

impl Arithmetic {
    /// The quotients over `size` steps, by division of their transforms: what lies beyond wraps around, so that it must be
    /// nothing to speak of. 1 - D must stay well away from 0 (`renewal` is for others).
    pub fn cyclic_quotients(&mut self, of: Repeated<'_>, size: usize) {
        let Repeated { success, failures, share } = of;
        let mut first = None;
        let restarts: Vec<Complex64> = match failures {
            Some(failures) => self.spectrum(failures, size).0,
            None => {
                let spectrum = self.spectrum(&success[0], size).0;
                let restarts = spectrum.iter().map(|x| x * share).collect();
                first = Some(spectrum);
                restarts
            }
        };
        let starts: Vec<Complex64> = restarts.into_iter().map(|d| (Complex64::new(1.0, 0.0) - d).inv()).collect();
        for series in success.iter_mut() {
            let mut spectrum = first.take().unwrap_or_else(|| self.spectrum(series, size).0);
            spectrum.iter_mut().zip(&starts).for_each(|(x, g)| *x *= g);
            *series = self.back(spectrum, size);
        }
    }
}

/// A length with small prime factors, at least `len`.
pub fn transform_size(len: usize) -> usize {
    let power = len.next_power_of_two();
    // 5/8 and 3/4 of a power of two are good lengths too.
    [5, 6].into_iter().map(|k| power / 8 * k).find(|size| power >= 16 && len <= *size).unwrap_or(power)
}

fn short_product(a: &[f64], b: &[f64], len: usize) -> Vec<f64> {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut out = vec![0.0; len];
    for (k, x) in short.iter().enumerate().filter(|(_, x)| **x != 0.0) {
        for (o, y) in out[k.min(len)..].iter_mut().zip(long) {
            *o += x * y;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_product(a: &[f64], b: &[f64], len: usize) -> Vec<f64> {
        (0..len).map(|n| (0..=n).filter_map(|k| Some(a.get(k)? * b.get(n - k)?)).sum()).collect()
    }

    #[test]
    fn products_are_cut_off_not_wrapped() {
        let a: Vec<f64> = (0..300).map(|k| 1.0 / (k + 1) as f64).collect();
        let b: Vec<f64> = (0..170).map(|k| (k as f64 - 80.0) / 100.0).collect();
        let mut arithmetic = Arithmetic::new();
        for len in [1, 47, 170, 256, 469, 600] {
            let (got, wanted) = (arithmetic.product(&a, &b, len), plain_product(&a, &b, len));
            assert_eq!(got.len(), len);
            for (x, y) in got.iter().zip(&wanted) {
                assert!((x - y).abs() < 1e-12, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_renewal_sequence_solves_its_equation() {
        let mut arithmetic = Arithmetic::new();
        let mut d = vec![0.0, 0.018];
        while d.len() < 1000 {
            d.push(0.98 * d[d.len() - 1]);
        }
        for len in [1, 2, 48, 49, 96, 97, 1000, 2500] {
            let g = arithmetic.renewal(&d, len);
            let dg = plain_product(&d, &g, len);
            for n in 0..len {
                let wanted = f64::from(n == 0) + dg[n];
                assert!((g[n] - wanted).abs() < 1e-13, "{len} {n}: {} {wanted}", g[n]);
            }
        }
    }

    #[test]
    fn no_restarts_no_renewals() {
        let g = Arithmetic::new().renewal(&[], 200);
        assert_eq!(g[0], 1.0);
        assert!(g[1..].iter().all(|x| x.abs() < 1e-18));
    }
}
