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
//! Refuses to know: what is made of it, how well T and xi are known.

use ebit_random::math;

/// Entropy in bits of a thermal state of symplectic eigenvalue l >= 1.
#[must_use]
pub fn thermal_entropy(l: f64) -> f64 {
    let x = 0.5 * (l - 1.0);
    if x <= 1e-15 { 0.0 } else { (x + 1.0) * math::log2(x + 1.0) - x * math::log2(x) }
}

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
        let (v, t) = (self.variance + 1.0, self.transmittance);
        let line = 1.0 / t - 1.0 + self.excess;
        let detector = if self.heterodyne {
            (2.0 - self.efficiency + 2.0 * self.electronic) / self.efficiency
        } else {
            (1.0 - self.efficiency + self.electronic) / self.efficiency
        };
        let total = line + detector / t;
        let bits = math::log2((v + total) / (1.0 + total));
        let (a, root_b) = (v * v * (1.0 - 2.0 * t) + 2.0 * t + t * t * (v + line) * (v + line), t * (v * line + 1.0));
        let arrived = t * (v + total);
        let (c, d) = if self.heterodyne {
            let cross = 2.0 * detector * (v * root_b + t * (v + line)) + 2.0 * t * (v * v - 1.0);
            let scale = arrived * arrived;
            let inside = (v + root_b * detector) / arrived;
            ((a * detector * detector + root_b * root_b + 1.0 + cross) / scale, inside * inside)
        } else {
            let c = (a * detector + v * root_b + t * (v + line)) / arrived;
            (c, root_b * (v + root_b * detector) / arrived)
        };
        let eigenvalues = |sum: f64, product: f64| {
            let root = math::sqrt((sum * sum - 4.0 * product).max(0.0));
            // The smaller one from the product: no difference of equals.
            let larger = 0.5 * (sum + root);
            [larger, if larger > 0.0 { product / larger } else { 0.0 }].map(|x| math::sqrt(x.max(0.0)).max(1.0))
        };
        let [l1, l2] = eigenvalues(a, root_b * root_b);
        let [l3, l4] = eigenvalues(c, d);
        let holevo = thermal_entropy(l1) + thermal_entropy(l2) - thermal_entropy(l3) - thermal_entropy(l4);
        Information { mutual: if self.heterodyne { bits } else { 0.5 * bits }, holevo }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
