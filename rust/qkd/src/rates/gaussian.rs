//! A Gaussian line in numbers: what Alice and Bob share of a pulse, and what Eve may know of it.
//!
//! In shot-noise units, V = V_A + 1, T the channel, eta and v_el the detector (Lodewyck et al. 2007,
//! doi:10.1103/PhysRevA.76.042305; heterodyne: Fossier et al. 2009, doi:10.1088/0953-4075/42/11/114014):
//!
//! ```text
//!     chi_line = 1/T - 1 + xi,  chi_hom = (1 - eta + v_el)/eta,  chi_het = (2 - eta + 2 v_el)/eta,  chi = chi_line + chi_det/T
//!     I_AB = 1/2 log2((V + chi)/(1 + chi)) homodyne, without the 1/2 heterodyne
//!     chi_BE = G(l1) + G(l2) - G(l3) - G(l4),  G(l) = g((l - 1)/2),  g(x) = (x+1) log2(x+1) - x log2 x
//!     l1,2^2 = [A +- sqrt(A^2 - 4B)]/2,  A = V^2 (1 - 2T) + 2T + T^2 (V + chi_line)^2,  B = T^2 (V chi_line + 1)^2
//!     l3,4^2 = [C +- sqrt(C^2 - 4D)]/2
//!     homodyne:   C = [A chi_hom + V sqrt B + T (V + chi_line)]/[T (V + chi)],  D = sqrt B [V + sqrt B chi_hom]/[T (V + chi)]
//!     heterodyne: C = [A chi_het^2 + B + 1 + 2 chi_het (V sqrt B + T (V + chi_line)) + 2T (V^2 - 1)]/[T (V + chi)]^2
//!                 D = [(V + sqrt B chi_het)/(T (V + chi))]^2
//! ```
//!
//! Of a long line both pairs of eigenvalues are V and 1 but for terms of the order of T, and 2000 km are T = 1e-40. So all
//! is written in what l^2 exceeds 1 by, u: u1 + u2 = A - 2, u1 u2 = B - A + 1, and the differences of the two pairs are
//! worked out by hand. With b = 1 + beta = T (V + chi_line), beta = T (V_A + xi), w = b + chi_det, q = V - b,
//! k = T xi (V + 1), rho = sqrt B - 1 = q + k:
//!
//! ```text
//!     A - 2 = q^2 + 2 rho                        B - A + 1 = k V_A (2 (1-T) + T xi)
//!     homodyne:   C - 2 = [chi_hom (A - 2) + x]/w,                               D - C + 1 = chi_hom (B - A + 1)/w
//!     heterodyne: C - 2 = [chi_het^2 (A - 2) + 2 chi_het x + rho^2 + 2 b q]/w^2, D - C + 1 = (chi_het^2 - 1) (B - A + 1)/w^2
//!                 x = V_A (2 (1-T) + T xi + rho)
//!     homodyne:   A - C = y/w,                   y = k (1 - q + beta) + beta q (1 + q)
//!     heterodyne: A - C = [k (2 - 2q - k) + beta (2q^2 + 2q + 4k + beta (A - 2)) + 2 chi_het y]/w^2
//! ```
//!
//! Refuses to know: what is made of it, how well T and xi are known.

use std::f64::consts::LN_2;

use ebit_random::math;

/// What goes into the key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Information {
    /// Of Alice and Bob, bits per pulse.
    pub mutual: f64,
    /// Of Eve on Bob's data, Holevo's bound.
    pub holevo: f64,
}

/// A Gaussian line in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian {
    pub variance: f64,
    pub transmittance: f64,
    pub excess: f64,
    pub efficiency: f64,
    pub electronic: f64,
    pub heterodyne: bool,
}

impl Gaussian {
    /// Slope squared of Bob's outcome over Alice's value: of heterodyne detection half the light falls on either quadrature.
    #[must_use]
    pub fn gain(&self) -> f64 {
        self.efficiency * self.transmittance * if self.heterodyne { 0.5 } else { 1.0 }
    }

    /// Variance of Bob's outcome without modulation and excess noise.
    #[must_use]
    pub fn quiet(&self) -> f64 {
        1.0 + self.electronic
    }

    /// Variance of Bob's outcome given what Alice sent.
    #[must_use]
    pub fn noise(&self) -> f64 {
        self.quiet() + self.gain() * self.excess
    }

    /// Mutual information and Holevo's bound, with a trusted detector.
    #[must_use]
    pub fn information(&self) -> Information {
        let (m, t, xi) = (self.variance, self.transmittance, self.excess);
        let detector = if self.heterodyne {
            (2.0 - self.efficiency + 2.0 * self.electronic) / self.efficiency
        } else {
            (1.0 - self.efficiency + self.electronic) / self.efficiency
        };
        let beta = t * (m + xi);
        let (b, w) = (1.0 + beta, 1.0 + beta + detector);
        let (k, q) = (t * xi * (2.0 + m), m * (1.0 - t) - t * xi);
        let lost = 2.0 * (1.0 - t) + t * xi;
        let rho = m * (1.0 - t) + t * xi * (1.0 + m);
        let whole = Pair { sum: q * q + 2.0 * rho, product: k * m * lost };
        let x = m * (lost + rho);
        let y = k * (1.0 - q + beta) + beta * q * (1.0 + q);
        let (sum, product, less) = if self.heterodyne {
            let bright = detector * detector * whole.sum + 2.0 * detector * x + rho * rho + 2.0 * b * q;
            let far = beta * (2.0 * q * q + 2.0 * q + 4.0 * k + beta * whole.sum);
            let sum = k * (2.0 - 2.0 * q - k) + far + 2.0 * detector * y;
            let less = Pair { sum, product: whole.product * (b * b + 2.0 * b * detector + 1.0) };
            (bright / w, (detector * detector - 1.0) * whole.product / w, less.over(w * w))
        } else {
            let less = Pair { sum: y, product: whole.product * b };
            (detector * whole.sum + x, detector * whole.product, less.over(w))
        };
        let given = Pair { sum, product }.over(w);
        let bits = math::ln_1p(t * m / (1.0 + t * xi + detector)) / LN_2;
        let lost = entropy_lost(&whole, &given, &less);
        // Noise beyond all numbers leaves nothing.
        let holevo = if lost.is_nan() { f64::INFINITY } else { lost.max(0.0) };
        Information { mutual: if self.heterodyne { bits } else { 0.5 * bits }, holevo }
    }
}

/// Sum and product of what the squares of two symplectic eigenvalues exceed 1 by.
#[derive(Clone, Copy)]
struct Pair {
    sum: f64,
    product: f64,
}

impl Pair {
    fn over(self, scale: f64) -> Self {
        Self { sum: self.sum / scale, product: self.product / scale }
    }

    /// What their squares differ by, and the larger and the smaller excess.
    fn roots(&self) -> (f64, [f64; 2]) {
        let root = math::sqrt((self.sum * self.sum - 4.0 * self.product).max(0.0));
        // The smaller one from the product: no difference of equals.
        let larger = (0.5 * (self.sum + root)).max(0.0);
        (root, [larger, if larger > 0.0 { (self.product / larger).max(0.0) } else { 0.0 }])
    }
}

/// Entropy of the eigenvalues of `whole` less that of those of `given`, in bits; `less` is what their sums and products
/// differ by.
fn entropy_lost(whole: &Pair, given: &Pair, less: &Pair) -> f64 {
    let ((root, u), (root_given, v)) = (whole.roots(), given.roots());
    let roots = root + root_given;
    let apart = if roots > 0.0 { (less.sum * (whole.sum + given.sum) - 4.0 * less.product) / roots } else { 0.0 };
    let larger = 0.5 * (less.sum + apart);
    let scale = u[0] * v[0];
    let smaller = if scale > 0.0 { (less.product * v[0] - given.product * larger) / scale } else { 0.0 };
    let lost = |u: f64, v: f64, difference: f64| {
        let (l, given) = (math::sqrt(1.0 + u), math::sqrt(1.0 + v));
        entropy_step(0.5 * v / (1.0 + given), 0.5 * difference / (l + given))
    };
    lost(u[0], v[0], larger) + lost(u[1], v[1], smaller)
}

/// g(x + d) - g(x) in bits, to all digits of d.
fn entropy_step(x: f64, d: f64) -> f64 {
    let entropy = |x: f64| {
        if x >= 1.0 {
            // Of many photons the two products of g are large and nearly equal.
            math::ln(x) + (x + 1.0) * math::ln_1p(1.0 / x)
        } else if x > 0.0 {
            (x + 1.0) * math::ln_1p(x) - x * math::ln(x)
        } else {
            0.0
        }
    };
    let nats = if x <= 0.0 {
        entropy(d)
    } else if x + d <= 0.0 {
        -entropy(x)
    } else if x < 1.0 && d < 1.0 {
        (x + d + 1.0) * math::ln_1p(d / (x + 1.0)) - (x + d) * math::ln_1p(d / x) + d * math::ln_1p(1.0 / x)
    } else if d.abs() > 1e-2 * x {
        entropy(x + d) - entropy(x)
    } else {
        // The integral of g' = ln(1 + 1/x), by Gauss and Legendre's four points.
        let [inner, outer] =
            [(0.339_981_043_584_856_3, 0.652_145_154_862_546_1), (0.861_136_311_594_052_6, 0.347_854_845_137_453_9)];
        let slope = |s: f64| math::ln_1p(1.0 / (x + 0.5 * d * (1.0 + s)));
        0.5 * d * (inner.1 * (slope(inner.0) + slope(-inner.0)) + outer.1 * (slope(outer.0) + slope(-outer.0)))
    };
    nats / LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thermal_entropy(l: f64) -> f64 {
        entropy_step(0.0, 0.5 * (l - 1.0))
    }

    /// Symplectic eigenvalues of a covariance matrix in the order x1 p1 x2 p2 ..., from i Omega sigma: the second way, by
    /// purification. Eve holds the purification of Alice, Bob and the trusted detector's ancilla, so her entropy is theirs.
    #[test]
    fn pure_loss_leaves_eve_the_lost_light() {
        // Without noise and with a perfect homodyne detector Eve's state is a mode of T' = 1 - T.
        let (va, t): (f64, f64) = (3.0, 0.4);
        let line = Gaussian { variance: va, transmittance: t, excess: 0.0, efficiency: 1.0, electronic: 0.0, heterodyne: false };
        let found = line.information();
        let v = va + 1.0;
        let eve = (1.0 - t) * v + t;
        let bob = t * v + 1.0 - t;
        let cross = math::sqrt(t * (1.0 - t)) * (v - 1.0);
        // Her variance given Bob's quadrature; the other is as before.
        let given = eve - cross * cross / bob;
        let holevo = thermal_entropy(eve) - thermal_entropy(math::sqrt(eve * given));
        assert!((found.holevo - holevo).abs() < 1e-12, "{} {holevo}", found.holevo);
        assert!((found.mutual - 0.5 * math::log2(bob)).abs() < 1e-12);
    }

    #[test]
    fn heterodyne_of_pure_loss() {
        let (va, t): (f64, f64) = (3.0, 0.4);
        let line = Gaussian { variance: va, transmittance: t, excess: 0.0, efficiency: 1.0, electronic: 0.0, heterodyne: true };
        let found = line.information();
        let v = va + 1.0;
        let (eve, bob) = ((1.0 - t) * v + t, t * v + 1.0 - t);
        let cross = math::sqrt(t * (1.0 - t)) * (v - 1.0);
        // Both quadratures, each with one unit of noise.
        let given = eve - cross * cross / (bob + 1.0);
        let holevo = thermal_entropy(eve) - thermal_entropy(given);
        assert!((found.holevo - holevo).abs() < 1e-12, "{} {holevo}", found.holevo);
        assert!((found.mutual - math::log2((bob + 1.0) / 2.0)).abs() < 1e-12);
    }

    #[test]
    fn no_loss_leaves_eve_nothing() {
        let line =
            Gaussian { variance: 5.0, transmittance: 1.0, excess: 0.0, efficiency: 0.7, electronic: 0.02, heterodyne: false };
        assert!(line.information().holevo.abs() < 1e-9);
    }

    /// The published eigenvalues as they stand, where they have digits.
    #[test]
    fn differences_are_those_of_the_published_eigenvalues() {
        let numbers =
            [(4.0, 0.3, 0.01, 0.6, 0.02), (30.0, 0.9, 0.2, 1.0, 0.0), (0.5, 0.05, 0.0, 0.7, 0.1), (12.0, 1.0, 0.03, 0.9, 0.0)];
        for (variance, t, excess, efficiency, electronic) in numbers {
            for heterodyne in [false, true] {
                let line = Gaussian { variance, transmittance: t, excess, efficiency, electronic, heterodyne };
                let (v, chi) = (variance + 1.0, 1.0 / t - 1.0 + excess);
                let twice = if heterodyne { 2.0 } else { 1.0 };
                let det = (twice - efficiency + twice * electronic) / efficiency;
                let (a, root_b, w) =
                    (v * v * (1.0 - 2.0 * t) + 2.0 * t + t * t * (v + chi) * (v + chi), t * (v * chi + 1.0), t * (v + chi) + det);
                let (c, d) = if heterodyne {
                    let cross = 2.0 * det * (v * root_b + t * (v + chi)) + 2.0 * t * (v * v - 1.0);
                    ((a * det * det + root_b * root_b + 1.0 + cross) / (w * w), (v + root_b * det) * (v + root_b * det) / (w * w))
                } else {
                    ((a * det + v * root_b + t * (v + chi)) / w, root_b * (v + root_b * det) / w)
                };
                let both = |sum: f64, product: f64| {
                    let root = (sum * sum - 4.0 * product).max(0.0).sqrt();
                    let l = (0.5 * (sum + root)).sqrt();
                    thermal_entropy(l) + thermal_entropy((product.sqrt() / l).max(1.0))
                };
                let wanted = both(a, root_b * root_b) - both(c, d);
                let found = line.information().holevo;
                assert!((found - wanted).abs() < 1e-7 * wanted.max(1.0), "{line:?}: {found} {wanted}");
            }
        }
    }

    /// What both share, and the key at a perfect reconciliation, a small difference; by the published formulas in 80 digits.
    #[test]
    #[allow(clippy::excessive_precision, clippy::unreadable_literal)]
    fn bright_light_keeps_its_digits() {
        let numbers = [
            (25_000.0, 1e-4, 0.0, 0.1, 0.0, true, 0.16992500144231237949, 7.2137878048421112e-6),
            (1e6, 1e-4, 0.0, 0.1, 0.1, false, 1.6674921238564044175, 6.5583220085770285e-6),
            (1e6, 0.01, 0.01, 0.6, 0.02, true, 11.522625648970450283, 0.0038358880605761154),
            (3e5, 0.5, 0.001, 0.9, 0.0, false, 8.5209807531864420929, 0.45758894455400379),
        ];
        for (variance, transmittance, excess, efficiency, electronic, heterodyne, mutual, key) in numbers {
            let line = Gaussian { variance, transmittance, excess, efficiency, electronic, heterodyne };
            let found = line.information();
            assert!((found.mutual / mutual - 1.0).abs() < 1e-14, "{line:?}: {}", found.mutual);
            let left = found.mutual - found.holevo;
            assert!((left - key).abs() < 1e-13 * mutual.max(1.0), "{line:?}: {left:e} {key:e}");
        }
    }

    /// Without noise and with little light, all that is lost is Eve's: of T -> 0 her share per T, to first order by hand.
    #[test]
    fn long_lines_keep_their_digits() {
        for heterodyne in [false, true] {
            let at = |t: f64| {
                let line =
                    Gaussian { variance: 3.0, transmittance: t, excess: 0.0, efficiency: 1.0, electronic: 0.0, heterodyne };
                let found = line.information();
                (found.mutual / t, found.holevo / t)
            };
            let (near, far) = (at(1e-9), at(1e-40));
            assert!((near.0 / far.0 - 1.0).abs() < 1e-8 && (near.1 / far.1 - 1.0).abs() < 1e-8, "{near:?} {far:?}");
            // As of pure loss, where differences still have some digits.
            let (v, t): (f64, f64) = (4.0, 1e-7);
            let (eve, bob) = ((1.0 - t) * v + t, t * v + 1.0 - t);
            let cross = (t * (1.0 - t)).sqrt() * (v - 1.0);
            let wanted = if heterodyne {
                thermal_entropy(eve) - thermal_entropy(eve - cross * cross / (bob + 1.0))
            } else {
                thermal_entropy(eve) - thermal_entropy((eve * (eve - cross * cross / bob)).sqrt())
            };
            assert!((at(t).1 * t / wanted - 1.0).abs() < 1e-6, "{} {wanted}", at(t).1 * t);
        }
    }
}
